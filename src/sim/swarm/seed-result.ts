import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { FaultClass } from '../../base/fault-codes.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Errand } from '../agent/errand.ts'
import type { FaultKind } from '../lab/faults.ts'
import type { Findings } from '../oracles/findings.ts'
import { check, type Violation } from '../oracles/oracles.ts'
import type { Sabotage } from '../sabotage.ts'
import { planOf, type SeedPlan } from '../seed.ts'
import { timelineOf, type TimelineLine } from '../timeline.ts'
import { live, type SeedOutcome } from '../world.ts'

/** What is kept of a seed: what it met, what came of it, and what must not have been. */
export interface SeedResult {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly met: readonly FaultKind[]
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>
  readonly classes: readonly FaultClass[]
  readonly exitCodes: readonly number[]
  /** What a fault that struck a board alone, or its run, led to there. */
  readonly alone: readonly { readonly kind: FaultKind; readonly came: readonly string[] }[]
  readonly replayed: boolean
  readonly virtualMs: number
  /** All that happened in it, where something did that may not, or somebody wants it. */
  readonly timeline?: readonly TimelineLine[]
}

export interface TryOptions {
  /** Where the folder of the seed is made, and removed when it is over. */
  readonly base: string
  /** A second time, which must be the same to the byte. */
  readonly replay: boolean
  /** Keeps all that happened also where nothing did that may not. */
  readonly timeline?: boolean
  readonly sabotage?: Sabotage
}

/** Lives through a seed and checks what must hold. */
export async function tryOut(seed: number, options: TryOptions): Promise<SeedResult> {
  return await tryPlan(planOf(seed), options)
}

/** The same for a plan that somebody made. */
export async function tryPlan(
  plan: SeedPlan,
  { base, replay, timeline = false, sabotage = {} }: TryOptions,
): Promise<SeedResult> {
  const folder = join(base, `seed-${plan.seed}`)
  const outcome = await live(plan, { folder, sabotage })
  const { violations, findings } = check(outcome)
  const digest = digestOf(outcome)
  if (replay && digestOf(await live(plan, { folder, sabotage })) !== digest)
    violations.push({ oracle: 'replay', what: 'living it twice gave two different logs' })
  rmSync(folder, { recursive: true, force: true })
  const result = summary(outcome, findings, violations, replay)
  return timeline || violations.length > 0 ? { ...result, timeline: timelineOf(outcome) } : result
}

/** The same for two lives of a seed, or something that is not the seed's had a say in one. */
export function digestOf(outcome: SeedOutcome): string {
  return createHash('sha256')
    .update(JSON.stringify(timelineOf(outcome)))
    .digest('hex')
}

function summary(
  { plan, met, tookMs, errands }: SeedOutcome,
  findings: readonly Findings[],
  violations: readonly Violation[],
  replayed: boolean,
): SeedResult {
  const verdicts: Partial<Record<Verdict, number>> = {}
  const classes = new Set<FaultClass>()
  for (const { matrix } of findings) {
    for (const { verdict, blame } of matrix.cells) {
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
      if (blame) classes.add(blame)
    }
    for (const { blame } of matrix.faults) classes.add(blame)
  }
  return {
    seed: plan.seed,
    violations,
    met: [...new Set([...met.values()].flatMap(kinds => [...kinds]))],
    verdicts,
    classes: [...classes],
    exitCodes: findings.map(({ matrix }) => matrix.exitCode),
    alone: [...findings.flatMap(found => aloneIn(found, met)), ...errands.flatMap(errand => errandAlone(errand, met))],
    replayed,
    virtualMs: Math.round(tookMs),
  }
}

function aloneIn({ run, matrix }: Findings, met: SeedOutcome['met']): SeedResult['alone'] {
  return run.planned.boards.flatMap(board => {
    const kinds = new Set([...(met.get(board) ?? []), ...(met.get(run.planned.name) ?? [])])
    const [kind] = kinds
    return kind === undefined || kinds.size > 1 ? [] : [{ kind, came: cameOf(run, matrix, board) }]
  })
}

/** What a fault of agent or client led to for somebody whom it struck alone. */
function errandAlone({ planned, fault, killedAtMs }: Errand, met: SeedOutcome['met']): SeedResult['alone'] {
  const [kind, ...more] = new Set([...(met.get('agent') ?? []), ...(met.get(planned.name) ?? [])])
  if (kind === undefined || more.length > 0) return []
  return [{ kind, came: [killedAtMs === undefined ? (fault?.code ?? 'unharmed') : 'killed'] }]
}

/** In a word each, what a run said of a board: codes of faults, and where there are none how it ended. */
function cameOf(run: Findings['run'], matrix: Findings['matrix'], board: string): string[] {
  const codes = run.events.flatMap(event => {
    if (event.type === 'fault' && (event.board === board || event.board === null)) return [event.fault.code]
    if (event.type !== 'test' || event.board !== board || event.result.verdict === 'miss') return []
    return event.result.fault ? [event.result.fault.code] : event.result.verdict === 'fail' ? ['an expectation'] : []
  })
  if (codes.length > 0) return [...new Set(codes)]
  if (run.killedAtMs !== undefined) return ['killed']
  const passes = matrix.cells.filter(cell => cell.board === board).every(({ verdict }) => verdict === 'pass')
  return [passes ? 'unharmed' : `exit ${run.outcome?.exitCode ?? '?'}`]
}
