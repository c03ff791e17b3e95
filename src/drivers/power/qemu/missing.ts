import { Fault } from '../../../base/fault.ts'
import { findProgram, runProgram } from '../../../base/program.ts'
import { firmwareOf } from './firmware.ts'
import { qemuFor } from './machines.ts'
import type { QemuOptions } from './options.ts'

/** What this host lacks to play a board, with the command that installs it. Undefined: nothing. */
export async function missingFor(options: QemuOptions): Promise<string | undefined> {
  const imx8mp = options.machine === 'imx8mp'
  const setup = imx8mp ? 'ci/setup --with-imx8mp' : 'ci/setup'
  const programs = [qemuFor(options.machine), ...(options.console ? ['socat'] : []), ...(imx8mp ? ['mcopy'] : [])]
  const lacking = programs.filter(name => !findProgram(name))
  if (lacking.length > 0) return `no ${lacking.join(', no ')} on this host: run ${setup}`
  const firmware = firmwareOf(options)
  if (firmware.kind === 'files' && !firmware.bios && !firmware.uefi)
    return `no firmware for the ${options.machine} on this host (package ${firmware.packageName}): run ${setup}`
  if (imx8mp && !(await knowsMachine('imx8mp-evk')))
    return `this QEMU has no imx8mp-evk machine (it came with QEMU 10.0): run ${setup}`
  return undefined
}

async function knowsMachine(name: string): Promise<boolean> {
  const listed = await runProgram([qemuFor('imx8mp'), '-M', 'help'], {
    limitMs: 10_000,
    late: () =>
      new Fault('configuration/missing-tool', { expected: 'QEMU to list its machines', seen: 'no answer in 10 s' }),
  })
  return new RegExp(`^${name}\\s`, 'm').test(listed.stdout)
}
