import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { findProgram } from '../../base/program.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Connector } from '../../controls/shell.ts'
import { LocalShell } from './local/shell.ts'

const Options = z.strictObject({
  /** Words before every command: a container, a namespace, a script that sets up an environment. */
  enter: z.array(z.string()).default([]),
  /** Programs of this host without which there is nothing to do here. */
  programs: z.array(z.string()).default([]),
  /** Said of every shell's wiring; of no use where there is no network in between. */
  port: z.int().optional(),
  route: z.literal('direct').optional(),
})
type Options = z.infer<typeof Options>

/**
 * This host itself as a machine that is entered: commands run as the user who runs `hil`, in no particular folder.
 *
 * There is no login and nothing to trust: address and host key check are not looked at.
 */
export default defineDriver<Connector, Options>({
  models: ['Debian 12'],
  options: Options,
  missing: ({ enter: [enter], programs }) => {
    const absent = [...(enter === undefined ? [] : [enter]), ...programs].filter(name => !isThere(name))
    return Promise.resolve(absent.length > 0 ? `not installed: ${absent.join(', ')}` : undefined)
  },
  open: ({ enter }) => Promise.resolve({ connect: () => Promise.resolve(new LocalShell(enter)) }),
})

function isThere(program: string): boolean {
  return isAbsolute(program) ? existsSync(program) : findProgram(program) !== undefined
}
