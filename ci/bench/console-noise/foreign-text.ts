import type { Board } from '../../../src/bench/load.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { Lab } from '../lib/lab.ts'
import { logOut, openLive } from '../lib/live-board.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'
import { arrivedDuring, NOISE_ARGS, startNoise, stopNoise, type Arrived } from './noise.ts'
import { askPeer, shellPeers } from './peers.ts'
import { Tally } from './tally.ts'

const COMMANDS = 1000
/** The peers wait out their own time limits, so that a command may cost half a minute. */
const PEER_COMMANDS = 100
const EXACT = 'exact output and exit code, of 1000 commands'

/** Commands on a console that user space and the kernel print to all the while, beside other tools on the same board. */
export const foreignText: Part = {
  name: 'foreign-text',
  async measure(options) {
    const missing = tinyMissing()
    if (missing !== undefined) return [unmeasured(EXACT, 'share', missing, { atLeast: 1 })]
    await using lab = new Lab()
    const { board } = await wireTinyBoard(lab, { kernelArgs: NOISE_ARGS })
    const power = await rawPower(board)
    try {
      return await measureOn(lab, board, options)
    } finally {
      await power.off(never())
    }
  },
}

async function measureOn(lab: Lab, board: Board, { runs, say }: BenchOptions): Promise<Row[]> {
  const tally = new Tally()
  const arrived: Arrived[] = []
  const peers = shellPeers().map(peer => ({ peer, right: 0, wrong: 0, failed: 0 }))
  const turns = Math.min(runs, COMMANDS)
  for (let turn = 0; turn < turns; turn++) {
    say(`turn ${turn + 1} of ${turns}`)
    {
      await using live = await openLive(board)
      if (turn === 0) await live.boot({ loginOnConsole: true }, never())
      else await live.adopt()
      await startNoise(live)
      const [from, to] = [share(COMMANDS, turn, turns), share(COMMANDS, turn + 1, turns)]
      arrived.push(await arrivedDuring(live, () => tally.run(live, from, to)))
      await stopNoise(live)
      await logOut(live)
      say(`${tally.right} right, ${tally.wrong} wrong, ${tally.corrupt} refused as damaged`)
    }
    for (const score of peers) {
      if (score.peer.missing !== undefined) continue
      const [from, to] = [share(PEER_COMMANDS, turn, turns), share(PEER_COMMANDS, turn + 1, turns)]
      const { right, wrong, failed } = await askPeer(score.peer, lab.tty(BOARD), from, to)
      score.right += right
      score.wrong += wrong
      score.failed += failed
    }
  }
  for (const sample of tally.samples) say(`WRONG: ${sample}`)
  const exact = tally.right / tally.commands
  return [
    measured({
      name: 'user-space lines that arrived',
      unit: 'lines/s',
      values: arrived.map(({ user }) => user),
      target: { atLeast: 90 },
    }),
    measured({
      name: 'kernel lines that arrived',
      unit: 'lines/s',
      values: arrived.map(({ kernel }) => kernel),
      target: { atLeast: 350 },
    }),
    measured({ name: EXACT, unit: 'share', values: [exact], target: { atLeast: 1 } }),
    measured({ name: 'wrong answers', unit: 'answers', values: [tally.wrong], target: { atMost: 0 } }),
    measured({
      name: 'refused as damaged',
      unit: 'share',
      values: [tally.corrupt / tally.commands],
      target: { atMost: 0.001 },
    }),
    measured({ name: 'round trip under this noise', unit: 'ms', values: tally.tripsMs }),
    ...peers.map(({ peer, right, wrong, failed }) => {
      const name = `the text commands among them, beside ${peer.name} (${wrong} wrong, ${failed} without an answer)`
      if (peer.missing !== undefined) return unmeasured(`${EXACT}, beside ${peer.name}`, 'share', peer.missing)
      const against = { name: peer.name, values: [right / (right + wrong + failed)] }
      return measured({ name, unit: 'share', values: [exact], against })
    }),
  ]
}

/** Where the nth of some equal parts of a number begins. */
function share(total: number, part: number, parts: number): number {
  return Math.floor((total * part) / parts)
}
