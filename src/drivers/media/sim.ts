import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Media } from '../../controls/media.ts'
import { labNamed } from '../../sim/lab/lab.ts'

const SWITCH_MS = 400

const Options = z.strictObject({
  /** The simulated lab that the board is in. */
  lab: z.string().default('sim'),
})
type Options = z.infer<typeof Options>

/** The boot medium of a simulated board: a small file. Errors: `infrastructure/media` while its switch does not switch. */
export default defineDriver<Media, Options>({
  models: ['simulated boards'],
  options: Options,
  open: async ({ lab }, { board: name, clock, stateDir }) => {
    const board = labNamed(lab, stateDir).board(name)
    const { medium } = board
    const give = async (to: 'host' | 'board', signal: AbortSignal): Promise<void> => {
      await clock.sleep(board.takesMs(SWITCH_MS), signal)
      board.acted(clock, `hands its medium to the ${to}`)
      if (medium.stays > 0) {
        medium.stays--
        board.met('medium-stays')
        throw new Fault('infrastructure/media', { expected: `the medium of ${name} at the ${to}`, seen: 'it stays' })
      }
      medium.place = to
    }
    return {
      toHost: async signal => {
        await give('host', signal)
        return { path: medium.path, kind: 'file' }
      },
      toBoard: async signal => await give('board', signal),
    }
  },
})
