import { count } from '../base/text.ts'

/** Which runs are kept when room is made. A run is kept by any one of these. */
export interface RetentionPolicy {
  /** The latest runs of each board. */
  readonly keepLast: number
  /** Runs younger than this. Units: days. */
  readonly keepDays: number
}

export const DEFAULT_RETENTION: RetentionPolicy = { keepLast: 20, keepDays: 30 }

/** A run as far as keeping it is concerned. */
export interface KeptRun {
  readonly run: string
  readonly bench: string
  readonly startedAt: string
  /** Null: its log has not ended. */
  readonly endedAt: string | null
  readonly boards: readonly string[]
}

/** A run with why it is kept; null: nothing keeps it. */
export interface Retained<R extends KeptRun = KeptRun> {
  readonly run: R
  readonly why: string | null
}

const DAY_MS = 24 * 60 * 60 * 1000

/** A log that does not end is of a run that was killed, or of one on another host: after this long it is not waited for. */
const UNENDED_DAYS = 2

/** Its reports are being written, and somebody may be about to read them. */
const JUST_ENDED_DAYS = 10 / (24 * 60)

/**
 * What a policy keeps, and why, in the order given.
 *
 * `evidence`: runs that committed evidence names. `lastFails`: runs with the last fail of a feature: whoever repairs it
 * needs its console.
 */
export function retain<R extends KeptRun>(
  runs: readonly R[],
  policy: RetentionPolicy,
  known: { evidence: ReadonlySet<string>; lastFails: ReadonlySet<string>; nowMs: number },
): Retained<R>[] {
  const latest = latestPerBoard(runs, policy.keepLast)
  return runs.map(run => {
    const days = (known.nowMs - Date.parse(run.startedAt)) / DAY_MS
    const endedDays = run.endedAt === null ? Infinity : (known.nowMs - Date.parse(run.endedAt)) / DAY_MS
    const why =
      (known.evidence.has(run.run) && 'the evidence names it') ||
      (known.lastFails.has(run.run) && 'the last fail of a feature') ||
      // A time nobody can read is no age.
      (!(days >= policy.keepDays) && `younger than ${count(policy.keepDays, 'day')}`) ||
      (run.endedAt === null && !(days >= UNENDED_DAYS) && 'its log has not ended') ||
      (!(endedDays >= JUST_ENDED_DAYS) && 'it ended just now') ||
      (latest.has(run) && `one of the last ${policy.keepLast} of a board`) ||
      null
    return { run, why }
  })
}

/** A policy in words. */
export function describeRetention({ keepLast, keepDays }: RetentionPolicy): string {
  const rules = [
    `the last ${count(keepLast, 'run')} of each board`,
    `what is younger than ${count(keepDays, 'day')}`,
    'what the evidence names',
    'the last fail of each feature',
    'what is in progress',
  ]
  return rules.join(', ')
}

function latestPerBoard<R extends KeptRun>(runs: readonly R[], keepLast: number): ReadonlySet<R> {
  const newestFirst = [...runs].sort((a, b) => (a.startedAt > b.startedAt ? -1 : a.startedAt < b.startedAt ? 1 : 0))
  const counts = new Map<string, number>()
  const latest = new Set<R>()
  for (const run of newestFirst)
    for (const board of run.boards) {
      const key = `${run.bench}\n${board}`
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      if (count <= keepLast) latest.add(run)
    }
  return latest
}
