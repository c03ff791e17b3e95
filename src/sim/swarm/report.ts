import { AGENT_FAULTS, BENCH_FAULTS, CLIENT_FAULTS, PRODUCT_FAULTS, RUN_FAULTS, type FaultKind } from '../lab/faults.ts'
import type { SeedResult } from './seed-result.ts'

/** What a swarm of seeds met, and what came of it: whether its faults really happened. */
export interface SwarmReport {
  readonly seeds: number
  readonly replayed: number
  /** Seeds in which something happened that never may. */
  readonly violated: readonly SeedResult[]
  readonly kinds: readonly KindReport[]
  /** In how many seeds somebody was blamed so. */
  readonly classes: Readonly<Record<string, number>>
  /** How many cells of all runs. */
  readonly verdicts: Readonly<Record<string, number>>
  readonly exitCodes: Readonly<Record<string, number>>
  readonly virtualHours: number
}

export interface KindReport {
  readonly kind: FaultKind
  /** Seeds in which it struck. */
  readonly seeds: number
  /** Boards that it struck alone, by what the run then said of them: codes of faults, or how it ended. */
  readonly alone: Readonly<Record<string, number>>
}

const KINDS: readonly FaultKind[] = [
  ...BENCH_FAULTS,
  ...RUN_FAULTS,
  ...PRODUCT_FAULTS,
  ...AGENT_FAULTS,
  ...CLIENT_FAULTS,
]

export function reportOf(results: readonly SeedResult[]): SwarmReport {
  return {
    seeds: results.length,
    replayed: results.filter(({ replayed }) => replayed).length,
    violated: results.filter(({ violations }) => violations.length > 0),
    kinds: KINDS.map(kind => kindReport(kind, results)),
    classes: counted(results.flatMap(({ classes }) => classes)),
    verdicts: results.reduce<Record<string, number>>((sum, { verdicts }) => added(sum, verdicts), {}),
    exitCodes: counted(results.flatMap(({ exitCodes }) => exitCodes.map(String))),
    virtualHours: results.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / 3_600_000,
  }
}

/** For people: a line for each kind of fault, most of it what it led to. */
export function reportText(report: SwarmReport): string {
  const { kinds, classes, verdicts, exitCodes, virtualHours, seeds, replayed } = report
  const lines = [
    `${seeds} seeds, ${virtualHours.toFixed(1)} simulated hours; ${replayed} of them lived twice`,
    '',
    `${'fault'.padEnd(22)}${'seeds'.padStart(6)}  what came of it where it struck alone`,
    ...kinds.map(
      ({ kind, seeds, alone }) => `${kind.padEnd(22)}${String(seeds).padStart(6)}  ${pairs(sorted(alone), 4)}`,
    ),
    '',
    `seeds that blame     ${pairs(classes)}`,
    `cells                ${pairs(verdicts)}`,
    `exit codes           ${pairs(exitCodes)}`,
  ]
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

function kindReport(kind: FaultKind, results: readonly SeedResult[]): KindReport {
  const alone = results.flatMap(result => result.alone.filter(one => one.kind === kind))
  return {
    kind,
    seeds: results.filter(({ met }) => met.includes(kind)).length,
    alone: counted(alone.flatMap(({ came }) => [...came])),
  }
}

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

function added(sum: Record<string, number>, more: Readonly<Record<string, number>>): Record<string, number> {
  for (const [word, count] of Object.entries(more)) sum[word] = (sum[word] ?? 0) + count
  return sum
}

function sorted(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a))
}

function pairs(counts: Readonly<Record<string, number>>, most = 20): string {
  return Object.entries(counts)
    .slice(0, most)
    .map(([word, count]) => `${word} ${count}`)
    .join(' · ')
}
