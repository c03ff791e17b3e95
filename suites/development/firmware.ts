/** Why the firmware is not the one that the image was made for, by what `ota-check-firmware` says; empty when it is. */
export function firmwareFlaw({ exitCode, stdout }: { exitCode: number; stdout: string }): string {
  const [, firmware] = /^Current firmware version is: (\S+)$/m.exec(stdout) ?? []
  const [, software] = /^Current software version is: (\S+)$/m.exec(stdout) ?? []
  if (firmware === undefined || software === undefined) return `it does not say which versions there are: ${stdout}`
  if (firmware !== software) return `firmware ${firmware}, and software for ${software}`
  return exitCode === 0 ? '' : `exit code ${exitCode}, although both are ${firmware}`
}
