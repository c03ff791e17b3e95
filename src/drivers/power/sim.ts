import { z } from 'zod'
import { defineDriver } from '../../controls/driver.ts'
import type { Power } from '../../controls/power.ts'
import { labNamed } from '../../sim/lab/lab.ts'

const SWITCH_MS = 120
const READ_MS = 15

const Options = z.strictObject({
  /** The simulated lab that the board is in. */
  lab: z.string().default('sim'),
  /** Whether it sees why a board stopped, as a virtual machine's owner does. */
  seesWhy: z.boolean().default(false),
})
type Options = z.infer<typeof Options>

/** The relay of a simulated board. It lives as long as this process. */
export default defineDriver<Power, Options>({
  models: ['simulated boards'],
  options: Options,
  open: async ({ lab, seesWhy }, { board: name, clock, stateDir }) => {
    const board = labNamed(lab, stateDir).board(name)
    const to = async (state: 'on' | 'off', signal: AbortSignal): Promise<void> => {
      await clock.sleep(board.takesMs(SWITCH_MS), signal)
      board.acted(clock, `switches it ${state}`)
      board.switch(state)
    }
    return {
      on: async signal => await to('on', signal),
      off: async signal => await to('off', signal),
      state: async signal => {
        await clock.sleep(board.takesMs(READ_MS), signal)
        return board.read()
      },
      ...(seesWhy && { stopReason: async () => board.stopReason }),
    }
  },
})
