import type { BenchOptions, Part } from '../lib/bench.ts'
import { compileReader, NO_COMPILER } from '../lib/floor.ts'
import { hilRun, stageAt, type HilRun } from '../lib/hil-run.ts'
import { Lab } from '../lib/lab.ts'
import { learnCommandLines, rawFlashAndBoot, type CommandLines } from '../lib/raw-boots.ts'
import { measured, unmeasured, type Row, type Target } from '../lib/row.ts'
import { twinsFor, wireTwins } from '../lib/twin-bench.ts'

/** Whole runs with the project's own images and suites: one board of every type at once, and the one of `npm start`. */
export const twins: Part = {
  name: 'twins',
  async measure(options) {
    await using lab = new Lab()
    await wireTwins(lab)
    return [...(await wholeRuns(lab, 'all', options, { ratioAtMost: 1.2 })), ...(await wholeRuns(lab, 'nuc', options))]
  },
}

async function wholeRuns(lab: Lab, device: string, { runs, say }: BenchOptions, target?: Target): Promise<Row[]> {
  const { boards, left } = await twinsFor(lab, device)
  const whole = `hil run --device ${device}`
  if (left.length > 0) return [unmeasured(whole, 's', left.join('; '), target)]
  const reader = compileReader(lab)
  const names = boards.map(({ name }) => name)
  const totals: number[] = []
  const toLogins: number[] = []
  const shares: number[] = []
  const floors: number[] = []
  let lines: CommandLines | undefined
  for (let run = 1; run <= runs; run++) {
    say(`${whole}: run ${run} of ${runs}`)
    const over = new AbortController()
    const learning = lines ?? learnCommandLines(lab, boards, over.signal)
    const done = await hilRun(lab, ['--device', device]).finally(() => over.abort())
    lines = await learning
    totals.push((done.endedMs - done.startedMs) / 1000)
    toLogins.push((Math.max(...names.map(name => stageAt(done, name, 'login', 'end'))) - done.startedMs) / 1000)
    shares.push(testShare(done, names))
    say(`the same flashes and boots, raw: run ${run} of ${runs}`)
    if (reader !== undefined) floors.push((await rawFlashAndBoot(lab, boards, lines, reader)) / 1000)
  }
  const floor = { name: 'zstd -dc, fsync, QEMU → login', values: floors }
  return [
    measured({ name: whole, unit: 's', values: totals, against: floor, ...(target && { target }) }),
    ...(reader === undefined ? [unmeasured(floor.name, 's', NO_COMPILER)] : []),
    measured({ name: '  of it: until the last board is logged in', unit: 's', values: toLogins, against: floor }),
    measured({ name: '  of it: tests of the last board to end', unit: 'share', values: shares }),
  ]
}

/** How much of a run was tests of the board that ended last: what is before and behind them is not the suites' doing. */
function testShare(run: HilRun, names: readonly string[]): number {
  const ends = names.map(name => ({ name, at: stageAt(run, name, 'test', 'end') }))
  const last = ends.reduce((later, end) => (end.at > later.at ? end : later))
  return (last.at - stageAt(run, last.name, 'test', 'begin')) / (run.endedMs - run.startedMs)
}
