import { z } from 'zod'
import { Command, mustRun, type ProgramResult } from '../../base/program.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Power } from '../../controls/power.ts'

const Options = z.strictObject({
  on: Command,
  off: Command,
  /** Absent: the board's power cannot be read back. */
  status: Command.optional(),
  /** A regular expression: status output that matches it (in any case) means on. */
  onPattern: z.string().default('\\bon\\b').refine(isPattern, 'no regular expression'),
  limitMs: z.int().min(1).default(15_000),
})
type Options = z.infer<typeof Options>

/**
 * Any program as a relay: a PDU's command line, ipmitool, a script of the lab. Words run as they are, a line by `sh`.
 *
 * Errors: `infrastructure/power` when a command fails or takes too long, with what it said.
 */
export default defineDriver<Power, Options>({
  models: ['sh scripts'],
  options: Options,
  open: async options => {
    const pattern = new RegExp(options.onPattern, 'i')
    return {
      on: async signal => void (await run(options.on, options, signal)),
      off: async signal => void (await run(options.off, options, signal)),
      state: async signal => {
        if (options.status === undefined) return 'unknown'
        return pattern.test((await run(options.status, options, signal)).stdout) ? 'on' : 'off'
      },
    }
  },
})

async function run(command: Command, { limitMs }: Options, signal: AbortSignal): Promise<ProgramResult> {
  return await mustRun(command, { code: 'infrastructure/power', limitMs, signal })
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}
