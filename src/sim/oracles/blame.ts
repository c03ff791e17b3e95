import type { FaultClass } from '../../base/fault-codes.ts'
import { AGENT_FAULTS, BENCH_FAULTS, CLIENT_FAULTS, RUN_FAULTS, type FaultKind } from '../lab/faults.ts'
import type { SeedOutcome } from '../world.ts'
import type { Findings } from './findings.ts'

/**
 * (a) Only faults of the bench: no fail. Only faults of the product: no error. Nothing wrong: all passes. Told for each
 * board of each run by itself, so that a seed with both kinds proves as much.
 */
export function blame(outcome: SeedOutcome, { run, events }: Findings): string[] {
  const { planned } = run
  const met = (who: string): ReadonlySet<FaultKind> => outcome.met.get(who) ?? new Set()
  const ofRun = [...RUN_FAULTS, ...CLIENT_FAULTS].some(kind => met(planned.name).has(kind))
  const ofAgent = AGENT_FAULTS.some(kind => met('agent').has(kind))
  const stopsAll = ofRun || planned.boards.some(board => met(board).has('recording-disk-full'))
  const allowed = (board: string | null): Set<FaultClass> => {
    const bench = board === null || BENCH_FAULTS.some(kind => met(board).has(kind))
    return new Set<FaultClass>([
      ...(ofAgent ? (['infrastructure'] as const) : []),
      ...(outcome.runs.length + outcome.errands.length > 1 ? (['lease'] as const) : []),
      ...(stopsAll || (board !== null && bench) ? (['infrastructure'] as const) : []),
      ...(stopsAll ? (['cancelled'] as const) : []),
      ...(planned.defects.length > 0 ? (['product'] as const) : []),
    ])
  }
  const complaints: string[] = []
  const check = (board: string | null, what: string, blamed: FaultClass | undefined, why: string): void => {
    if (blamed === undefined || allowed(board).has(blamed)) return
    const known = [
      ...(board === null ? [] : met(board)),
      ...met(planned.name),
      ...planned.defects.map(({ kind }) => kind),
    ]
    complaints.push(
      `${planned.name} ${board ?? ''}: ${what} blames ${blamed} (${why}), with ${known.join(', ') || 'nothing wrong'}`,
    )
  }
  for (const event of events) {
    if (event.type === 'fault')
      check(event.board, 'a fault', event.blame, `${event.fault.code}: saw ${event.fault.seen}`)
    if (event.type !== 'test' || event.result.verdict === 'miss') continue
    const { title, blame: blamed, fault, reason } = event.result
    check(event.board, `'${title}'`, blamed, fault ? `${fault.code}: saw ${fault.seen}` : (reason ?? 'no reason'))
  }
  return complaints
}
