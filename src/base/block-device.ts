import { readFile } from 'node:fs/promises'

/**
 * What tells a disk from every other that this host has, and had since it was booted: its number, which is given again,
 * and the kernel's count of disks, where it keeps one (Linux 5.15).
 */
export function diskId(rdev: number, sequence: string | undefined): string {
  return sequence === undefined ? kernelNumber(rdev) : `${kernelNumber(rdev)} #${sequence}`
}

/** The kernel's count for the disk that has a number now. */
export async function diskSequence(rdev: number): Promise<string | undefined> {
  return readFile(`/sys/dev/block/${kernelNumber(rdev)}/diskseq`, 'utf8').then(
    text => text.trim(),
    () => undefined,
  )
}

/**
 * The size of a block device in bytes, which `stat` does not know; 0 where there is no medium in it, or it is gone.
 *
 * `rdev`: as `stat` gives it.
 */
export async function blockDeviceBytes(rdev: number): Promise<number> {
  const sectors = await readFile(`/sys/dev/block/${kernelNumber(rdev)}/size`, 'utf8').catch(() => '0')
  return Number(sectors) * SECTOR_BYTES
}

/** `major:minor`: the kernel packs 12 bits of major above the 8 low bits of minor, its other bits above both. */
function kernelNumber(rdev: number): string {
  return `${(rdev >> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >> 12) & 0xfff00)}`
}

/** What /sys counts in, whatever the sectors of the device are. */
const SECTOR_BYTES = 512
