import { z } from 'zod'
import type { Console } from '../../controls/console.ts'
import { defineDriver } from '../../controls/driver.ts'
import { labNamed } from '../../sim/lab/lab.ts'

const OPEN_MS = 5

const Options = z.strictObject({
  /** The simulated lab that the board is in. */
  lab: z.string().default('sim'),
})
type Options = z.infer<typeof Options>

/** The serial line of a simulated board. Errors: as of a serial port. */
export default defineDriver<Console, Options>({
  models: ['simulated boards'],
  options: Options,
  open: async ({ lab }, { board: name, clock, stateDir }) => ({
    open: async (sink, signal) => {
      const board = labNamed(lab, stateDir).board(name)
      await clock.sleep(board.takesMs(OPEN_MS), signal)
      const line = board.cable.open(sink, clock)
      return {
        device: line.device,
        write: async (bytes, signal) => {
          board.acted(clock, 'types on its console')
          await line.write(bytes, signal)
        },
        [Symbol.asyncDispose]: async () => await line[Symbol.asyncDispose](),
      }
    },
  }),
})
