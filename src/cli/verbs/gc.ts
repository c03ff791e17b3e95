import { shortPath } from '../../base/paths.ts'
import { count, humanSize } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import { describeRetention, retain, type Retained, type RetentionPolicy } from '../../model/retention.ts'
import { evidenceNamed } from '../../run/catalog.ts'
import type { StoredRun } from '../../store/run-store.ts'
import { retentionPolicy } from '../gc/policy.ts'
import { sweepRecordings, sweepRuns, type Swept } from '../gc/sweep.ts'
import { openHistory } from '../history.ts'

export interface GcOptions {
  readonly keepLast?: number
  readonly keepDays?: number
  readonly policy?: string
  readonly dryRun?: boolean
  readonly reportDir?: string
  readonly evidence?: string
  readonly bench: string
  readonly json?: boolean
}

/** `hil gc`: makes room. Everything is read and checked before anything is removed. */
export async function gc(options: GcOptions, signal: AbortSignal): Promise<void> {
  const { dryRun = false, json } = options
  const policy = retentionPolicy(options, options.policy)
  const evidence = evidenceNamed(options.evidence)
  const bench = await loadBench(options.bench)
  using history = openHistory(options.reportDir)
  const runs = history.store.runs({ limit: -1 }).map(run => ({ ...run, boards: run.boards.map(({ board }) => board) }))
  const retained = retain(runs, policy, {
    evidence: new Set(evidence.map(({ run }) => run)),
    lastFails: history.store.lastFails(),
    nowMs: systemClock.nowMs(),
  })
  const going = retained.filter(({ why }) => why === null).map(({ run }) => run.run)
  const swept = [
    ...(await sweepRuns(history.runsFolder, going, dryRun)),
    ...(await sweepRecordings(bench, policy, { evidence, dryRun, signal })),
  ]
  history.store.sync(history.features)
  const kept = retained.filter(({ why }) => why !== null)
  if (json) {
    const told = kept.map(({ run, why }) => ({ run: run.run, why }))
    process.stdout.write(`${JSON.stringify({ policy, dryRun, swept, kept: told }, null, 2)}\n`)
  } else process.stdout.write(told(policy, swept, kept, dryRun))
  signal.throwIfAborted()
}

type Kept = Retained<Omit<StoredRun, 'boards'> & { boards: string[] }>

function told(policy: RetentionPolicy, swept: readonly Swept[], kept: readonly Kept[], dryRun: boolean): string {
  const gone = swept.filter(({ stays }) => stays === undefined)
  const lines = [
    `kept: ${describeRetention(policy)}`,
    `${dryRun ? 'would remove' : 'removed'} ${sum('run', gone)} and ${sum('recording', gone)}`,
    ...swept.map(
      ({ what, name, path, bytes, stays }) =>
        `  ${what} ${name}  ${humanSize(bytes)}  ${stays === undefined ? shortPath(path) : `left: ${stays}`}`,
    ),
    `left: ${count(kept.length, 'run')}${reasons(kept)}`,
  ]
  return `${lines.join('\n')}\n`
}

function sum(what: Swept['what'], gone: readonly Swept[]): string {
  const own = gone.filter(swept => swept.what === what)
  const bytes = own.reduce((sum, swept) => sum + swept.bytes, 0)
  return `${count(own.length, what === 'run' ? 'run' : 'part')}${what === 'run' ? '' : ' of recordings'} (${humanSize(bytes)})`
}

/** ` (3 younger than 30 days, 1 the last fail of a feature)`. */
function reasons(kept: readonly Kept[]): string {
  const groups = [...Map.groupBy(kept, ({ why }) => why).entries()].map(([why, runs]) => `${runs.length} ${why}`)
  return groups.length > 0 ? ` (${groups.join(', ')})` : ''
}
