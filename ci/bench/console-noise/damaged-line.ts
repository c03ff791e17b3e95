import type { Part } from '../lib/bench.ts'
import { Lab } from '../lib/lab.ts'
import { openLive } from '../lib/live-board.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'
import { cablePath, plugFaultyCable } from './faulty-cable.ts'
import { Tally } from './tally.ts'

/** Of each of the three kinds of damage, how much of all bytes, and the share of commands that must be exact all the same. */
const LINES = [
  { rate: 1e-4, atLeast: 0.99, commands: 1000 },
  { rate: 1e-3, atLeast: 0.9, commands: 1000 },
]

/** Commands on a line that loses, doubles and flips bytes both ways. */
export const damagedLine: Part = {
  name: 'damaged-line',
  async measure({ say }) {
    const rows: Row[] = []
    for (const { rate, atLeast, commands } of LINES) {
      const name = `exact, with 3 × ${rate} of all bytes lost, doubled or flipped`
      const missing = tinyMissing()
      if (missing !== undefined) {
        rows.push(unmeasured(name, 'share', missing, { atLeast }))
        continue
      }
      say(`3 × ${rate}`)
      const { tally, hits } = await commandsOver(rate, commands)
      for (const sample of tally.samples) say(`WRONG: ${sample}`)
      rows.push(
        measured({
          name: `${name} (${hits} were)`,
          unit: 'share',
          values: [tally.right / tally.commands],
          target: { atLeast },
        }),
        measured({ name: 'wrong answers', unit: 'answers', values: [tally.wrong], target: { atMost: 0 } }),
        measured({ name: 'round trip', unit: 'ms', values: tally.tripsMs }),
      )
    }
    return rows
  },
}

async function commandsOver(rate: number, commands: number): Promise<{ tally: Tally; hits: number }> {
  await using lab = new Lab()
  const { board } = await wireTinyBoard(lab, { consolePath: cablePath(lab.folder) })
  const power = await rawPower(board)
  try {
    const rates = { loss: rate, duplication: rate, flip: rate }
    await using cable = await plugFaultyCable(lab.folder, board, lab.tty(BOARD), rates, 4711)
    await using live = await openLive(board)
    await live.boot({ loginOnConsole: true }, never())
    cable.damaging = true
    const tally = new Tally()
    await tally.run(live, 0, commands)
    cable.damaging = false
    return { tally, hits: cable.hits }
  } finally {
    await power.off(never())
  }
}
