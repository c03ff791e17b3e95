import { styleText } from 'node:util'
import { asFault, Fault } from '../../base/fault.ts'
import { shortPath } from '../../base/paths.ts'
import { openLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench } from '../../bench/load.ts'
import type { Feature } from '../../model/feature.ts'
import { fold } from '../../model/fold.ts'
import { EVIDENCE, loadEvidence, loadFeatures, loadKnownIssues, loadLabels, ROOT } from '../../run/catalog.ts'
import { doubtedFeatures } from '../../run/doubted.ts'
import { imageMeans } from '../../run/images.ts'
import { plan } from '../../run/plan.ts'
import { run as runPlan } from '../../run/run.ts'
import { imagesOf, keysNamed } from '../images.ts'
import { openProgress } from '../progress.ts'
import { StageHistory } from '../stage-history.ts'
import { openTransfer } from '../progress-transfer.ts'
import { VERSION } from '../version.ts'

export interface RunOptions {
  device: string[]
  image: string[]
  trustKey: string[]
  feature: string[]
  grep?: string
  flash: boolean
  confirm?: 'again' | 'aba' | false
  diagnose?: boolean
  knownIssues?: string
  bench: string
  reportDir?: string
  wait: number
  priority?: number
  json?: boolean
  verbose?: boolean
}

/** `hil run`: plan, run with progress, reports, summary. Exits by blame. */
export async function run(options: RunOptions, signal: AbortSignal): Promise<void> {
  if (options.device.length === 0)
    throw new Fault('configuration/usage', {
      expected: 'at least one --device',
      seen: 'none',
      next: 'hil boards lists what there is',
    })
  // Everything that reports need is read first: a mistake in it must not cost the results of a run.
  const features = loadFeatures()
  const issues = loadKnownIssues(options.knownIssues, features)
  const sources = { features, issues, labels: loadLabels(), evidence: loadEvidence(EVIDENCE) }
  const bench = await loadBench(options.bench)
  const request = {
    devices: options.device,
    features: options.feature,
    images: imagesOf(options.image),
    flash: options.flash,
  }
  const planned = await plan(bench, features, request, signal)
  const reportDir = options.reportDir ?? `${ROOT}reports/runs`
  using progress = openProgress(
    options.json ? 'json' : process.stderr.isTTY && !options.verbose ? 'live' : 'plain',
    systemClock,
  )
  using fetching = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const images = imageMeans([...bench.trust, ...keysNamed(options.trustKey)], {
    clock: systemClock,
    signal,
    progress: fetching.download,
    note: fetching.note,
  })
  using history = new StageHistory(reportDir, bench.name)
  const outcome = await runPlan({
    bench,
    plan: planned,
    images,
    ...(options.grep !== undefined && { grep: options.grep }),
    confirm: options.confirm === 'aba' ? 'aba' : options.confirm !== false,
    diagnose: options.diagnose ?? 'hardware',
    issues,
    doubted: (type, line, twin) =>
      doubtedFeatures(sources, { type, line, twin }, new Date(systemClock.nowMs()).toISOString()),
    leaseWaitMs: options.wait * 60_000,
    timesOf: history.timesOf,
    passedBefore: async (feature, sha256) => {
      const known = [...sources.evidence, ...(await history.evidence(feature))]
      return known.some(line => line.feature === feature && line.imageSha256 === sha256 && line.verdict === 'pass')
    },
    ...(options.priority !== undefined && { priority: options.priority }),
    reportDir,
    command: process.argv.slice(2),
    version: VERSION,
    clock: systemClock,
    openLog: path => openLog({ path, verbose: options.verbose ?? false }),
    signal,
    onEvent: event => {
      fetching[Symbol.dispose]()
      progress.take(event)
    },
  })
  progress[Symbol.dispose]()
  process.exitCode = outcome.exitCode
  const matrix = fold(outcome.events, features)
  const { writeReports } = await import('../../run/reports.ts')
  const files = writeReports(matrix, outcome.folder, sources)
  await remember(reportDir, outcome.run, features)
  if (options.json) return
  const { runSummary } = await import('../../report/terminal.ts')
  const color = process.stdout.isTTY && process.env.NO_COLOR === undefined
  process.stdout.write(`\n${runSummary(matrix, { color, width: process.stdout.columns ?? 100 })}\n`)
  for (const [name, path] of Object.entries(files))
    process.stdout.write(`${color ? styleText('dim', name.padEnd(16)) : name.padEnd(16)} ${shortPath(path)}\n`)
}

/** Takes the run into the history, for `hil runs` and the rest. That this fails changes nothing about the run. */
async function remember(reportDir: string, run: string, features: readonly Feature[]): Promise<void> {
  try {
    const { RunStore } = await import('../../store/run-store.ts')
    using store = new RunStore(reportDir)
    store.import(run, features)
  } catch (error) {
    process.stderr.write(`hil: the run is not in the history yet: ${asFault(error).seen}\n`)
  }
}
