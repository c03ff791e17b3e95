import { Fault } from '../../base/fault.ts'
import { count } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import type { Violation } from '../../sim/oracles/oracles.ts'
import { reportOf, reportText } from '../../sim/swarm/report.ts'
import type { SeedResult } from '../../sim/swarm/seed-result.ts'
import { tryAll } from '../../sim/swarm/swarm.ts'
import { timelineText } from '../../sim/timeline.ts'

export interface SimOptions {
  seeds: string
  seed?: number
  timeline?: boolean
  replayEvery: number
  jobs?: number
  json?: boolean
}

const SAY_EVERY_MS = 5000
const EXIT_VIOLATED = 70
const MAX_TOLD = 10

/** `hil sim`: tries out seeds, says what they met, and exits with 70 when something happened that never may. */
export async function sim(options: SimOptions, signal: AbortSignal): Promise<void> {
  if (options.timeline && options.seed === undefined)
    throw new Fault('configuration/usage', { expected: '--timeline with --seed, whose it is', seen: 'no --seed' })
  if (options.seed !== undefined) return await one(options.seed, options, signal)
  const seeds = seedsOf(options.seeds)
  const startMs = systemClock.ticksMs()
  let saidMs = startMs
  let done = 0
  let violated = 0
  let first: SeedResult | undefined
  const onResult = (result: SeedResult): void => {
    done++
    if (result.violations.length > 0) {
      violated++
      first ??= result
      process.stderr.write(`seed ${result.seed} violates: ${result.violations[0]!.what}\n`)
    }
    if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    const nowMs = systemClock.ticksMs()
    if (nowMs - saidMs < SAY_EVERY_MS) return
    saidMs = nowMs
    const rate = (done / ((nowMs - startMs) / 1000)).toFixed(1)
    process.stderr.write(`${done} of ${count(seeds.length, 'seed')}, ${rate} a second, ${violated} with violations\n`)
  }
  const results = await tryAll({ ...options, seeds, signal, onResult })
  const tookS = (systemClock.ticksMs() - startMs) / 1000
  const report = reportOf(results)
  if (options.json)
    process.stdout.write(`${JSON.stringify({ report: { ...report, violated: report.violated.length } })}\n`)
  else {
    process.stdout.write(`\n${reportText(report)}\n`)
    process.stdout.write(`took ${tookS.toFixed(1)} s, ${(results.length / tookS).toFixed(1)} seeds a second\n`)
    for (const { seed, violations } of report.violated.slice(0, MAX_TOLD)) tell(seed, violations)
    if (report.violated.length > MAX_TOLD)
      process.stdout.write(`… and ${count(report.violated.length - MAX_TOLD, 'seed')} more\n`)
    // Where only the log of a CI job is left of it.
    if (first) process.stdout.write(`\nall that happened in seed ${first.seed}:\n${timelineText(first.timeline ?? [])}`)
  }
  if (report.violated.length > 0) process.exitCode = EXIT_VIOLATED
}

/** One seed, lived twice. */
async function one(seed: number, { timeline = false, json }: SimOptions, signal: AbortSignal): Promise<void> {
  const onResult = ({ violations, timeline: lines }: SeedResult): void => {
    if (json) return void process.stdout.write(`${JSON.stringify({ seed, violations, timeline: lines })}\n`)
    if (lines) process.stdout.write(`${timelineText(lines)}\n`)
    tell(seed, violations)
  }
  const [result] = await tryAll({ seeds: [seed], replayEvery: 1, timeline, signal, onResult })
  if (result!.violations.length > 0) process.exitCode = EXIT_VIOLATED
}

function tell(seed: number, violations: readonly Violation[]): void {
  if (violations.length === 0) {
    process.stdout.write(`seed ${seed}: nothing happened that may not\n`)
    return
  }
  process.stdout.write(`\nseed ${seed}: hil sim --seed ${seed} --timeline\n`)
  for (const { oracle, what } of violations) process.stdout.write(`  ${oracle}: ${what}\n`)
}

/** `1..1000`, or one number. Errors: `configuration/usage`. */
function seedsOf(text: string): number[] {
  const [, from, to] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text) ?? []
  const first = Number(from)
  const last = Number(to ?? from)
  if (from === undefined || last < first || last - first >= MAX_SEEDS)
    throw new Fault('configuration/usage', { expected: `seeds such as 1..1000, at most ${MAX_SEEDS}`, seen: text })
  return Array.from({ length: last - first + 1 }, (_, n) => first + n)
}

const MAX_SEEDS = 1_000_000
