import { join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { compileReader, NO_COMPILER } from '../lib/floor.ts'
import { hilRun, stageAt, type HilRun } from '../lib/hil-run.ts'
import { Lab, ROOT } from '../lib/lab.ts'
import { learnCommandLines, rawFlashAndBoot, type CommandLines } from '../lib/raw-boots.ts'
import { measured, unmeasured, type Row, type Target } from '../lib/row.ts'
import { twinsFor, wireTwins } from '../lib/twin-bench.ts'

/** One board of every type at once: a run that does what its yardstick does, with one empty test a board. */
export const twins: Part = {
  name: 'twins',
  async measure(options) {
    await using lab = new Lab()
    await wireTwins(lab)
    const lean = { suites: join(ROOT, 'ci/bench/first-run/suite'), target: { ratioAtMost: 1.2 } }
    return await wholeRuns(lab, 'all', options, lean)
  },
}

/**
 * The same with the project's own suites, and the run of `npm start`. Without a target: what suites ask of a board is work
 * of the board that the yardstick has not.
 */
export const suites: Part = {
  name: 'suites',
  async measure(options) {
    await using lab = new Lab()
    await wireTwins(lab)
    return [...(await wholeRuns(lab, 'all', options)), ...(await wholeRuns(lab, 'nuc', options))]
  },
}

async function wholeRuns(
  lab: Lab,
  device: string,
  { runs, say }: BenchOptions,
  lean?: { readonly suites: string; readonly target: Target },
): Promise<Row[]> {
  const { boards, left } = await twinsFor(lab, device)
  const whole = `hil run --device ${device}${lean ? ', one empty test a board' : ''}`
  if (left.length > 0) return [unmeasured(whole, 's', left.join('; '), lean?.target)]
  const env = lean && { HIL_SUITES_DIR: lean.suites, HIL_BENCH_BEGAN: join(lab.folder, 'began') }
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
    const done = await hilRun(lab, ['--device', device], env).finally(() => over.abort())
    lines = await learning
    totals.push((done.endedMs - done.startedMs) / 1000)
    toLogins.push((Math.max(...names.map(name => stageAt(done, name, 'login', 'end'))) - done.startedMs) / 1000)
    shares.push(testShare(done, names))
    say(`the same flashes and boots, raw: run ${run} of ${runs}`)
    if (reader !== undefined) floors.push((await rawFlashAndBoot(lab, boards, lines, reader)) / 1000)
  }
  const floor = { name: 'zstd -dc, fsync, QEMU → login', values: floors }
  return [
    measured({ name: whole, unit: 's', values: totals, against: floor, ...(lean && { target: lean.target }) }),
    ...(reader === undefined ? [unmeasured(floor.name, 's', NO_COMPILER)] : []),
    measured({ name: '  of it: until the last board is logged in', unit: 's', values: toLogins, against: floor }),
    ...(lean ? [] : [measured({ name: '  of it: tests of the last board to end', unit: 'share', values: shares })]),
  ]
}

/** How much of a run was tests of the board that ended last: what is before and behind them is not the suites' doing. */
function testShare(run: HilRun, names: readonly string[]): number {
  const ends = names.map(name => ({ name, at: stageAt(run, name, 'test', 'end') }))
  const last = ends.reduce((later, end) => (end.at > later.at ? end : later))
  return (last.at - stageAt(run, last.name, 'test', 'begin')) / (run.endedMs - run.startedMs)
}
