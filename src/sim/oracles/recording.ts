import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isArrival, parseIndexLine } from '../../bench/recording/index-line.ts'
import type { Hearing } from '../lab/cable.ts'
import type { SimRun } from '../sim-run.ts'
import type { SeedOutcome } from '../world.ts'

/** What is on the disk may be so much behind when a process is killed. */
const BEHIND_MS = 25

/** (d) A run's copy of a console is what its host was handed, to the byte; where more was lost there is a gap in it. */
export function recording(outcome: SeedOutcome): string[] {
  const complaints: string[] = []
  for (const board of outcome.lab.boards.values())
    for (const hearing of board.cable.hearings) {
      const run = outcome.runs.find(({ process }) => process.clock === hearing.process)
      const folder = run?.folder
      if (!run || folder === undefined) continue
      const isFull = outcome.met.get(board.name)?.has('recording-disk-full') === true
      const why = compare(hearing, join(folder, board.name, 'console.log'), run, isFull)
      if (why !== undefined) complaints.push(`${run.planned.name} ${board.name}: ${why}`)
    }
  for (const run of outcome.runs) complaints.push(...copies(outcome, run))
  return complaints
}

/** What a run copied from its agent's recording is what that heard, as far as it goes. */
function copies({ lab, plan, met }: SeedOutcome, run: SimRun): string[] {
  const { folder, planned } = run
  if (!plan.agent || folder === undefined) return []
  return planned.boards.flatMap(name => {
    const path = join(folder, name, 'console.log')
    const { hearings } = lab.board(name).cable
    if (!existsSync(path) || hearings.some(hearing => hearing.process === run.process.clock)) return []
    const kept = readFileSync(path)
    const isWhole = !met.has('agent') && !met.has(planned.name) && run.killedAtMs === undefined
    const heard = hearings.map(({ chunks }) => Buffer.concat(chunks))
    const isCopy = heard.some(all => (isWhole ? all.equals(kept) : all.subarray(0, kept.length).equals(kept)))
    return isCopy
      ? []
      : [`${planned.name} ${name}: the copy of ${kept.length} bytes is of nothing that its agent heard`]
  })
}

function compare(hearing: Hearing, path: string, run: SimRun, isFull: boolean): string | undefined {
  const heard = Buffer.concat(hearing.chunks)
  if (!existsSync(path)) return isFull || heard.length === 0 ? undefined : 'no recording'
  const kept = readFileSync(path)
  const short = isFull || run.killedAtMs !== undefined
  // A file that could not be written to its end may hold half of its last piece.
  if (!heard.subarray(0, kept.length).equals(kept))
    return `the recording differs from what was heard, in ${kept.length} bytes`
  if (!short && kept.length !== heard.length) return `${heard.length} bytes were heard and ${kept.length} recorded`
  if (run.killedAtMs !== undefined && !isFull) {
    const due = hearing.arrivals.filter(({ atMs }) => atMs <= run.killedAtMs! - BEHIND_MS).at(-1)?.end ?? 0
    if (kept.length < due) return `${kept.length} bytes were on the disk when it was killed, of ${due} heard before`
  }
  if (short) return undefined
  if (hearing.gaps.length === 0) return undefined
  const gaps = readFileSync(`${path}.idx`, 'utf8')
    .split('\n')
    .map(parseIndexLine)
    .filter(line => line !== undefined && !isArrival(line) && line.gap !== undefined)
    .map(line => (line as { offset: number }).offset)
  const begin = beginOf(path)
  const missing = hearing.gaps.find(gap => !gaps.includes(begin + gap))
  return missing === undefined ? undefined : `bytes were lost behind byte ${missing}, and no gap says so`
}

function beginOf(path: string): number {
  const [first = ''] = readFileSync(`${path}.idx`, 'utf8').split('\n')
  const line = parseIndexLine(first)
  return line === undefined ? 0 : isArrival(line) ? line[0] : line.offset
}
