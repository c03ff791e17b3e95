import type { Lease } from '../agent/agent.ts'
import { Fault } from '../base/fault.ts'
import { climb } from '../bench/climb.ts'
import type { EventOf, RunEvent } from '../model/event.ts'
import type { Image, Variant } from '../model/image.ts'
import { ladderBudget } from '../model/ladder.ts'
import { Execution, type ExecuteOptions } from './execute.ts'
import { provision, type ProvisionMeans } from './provision.ts'

interface Tested {
  readonly execution: Execution
  readonly execute: ExecuteOptions
  readonly means: ProvisionMeans
  readonly events: () => readonly RunEvent[]
}

/**
 * The rung above the power cycle, for which only a run has the means: a board that nothing else brought back gets its image
 * again, and the tests that could not begin are made. What was found before stays; a medium that tests destroyed is often the reason.
 *
 * Errors: as for tests. A board that does not come back is told by its rung, and its tests stay missed.
 */
export async function testAfterReflash(
  lease: Lease,
  image: Image | null,
  variant: Variant,
  { execution, execute, means, events }: Tested,
): Promise<void> {
  const { board, live } = lease
  const lost = lastRung(events(), board.name)
  if (!image || !board.wired.flasher || board.spec.install || lost?.fault === undefined) return
  const missed = execution.results.filter(({ verdict, fault }) => verdict === 'miss' && fault !== undefined)
  if (missed.length === 0) return
  const budget = ladderBudget(live.limitsMs, board.type.ladderMs)
  const still = await climb({
    trouble: lost.trouble && Fault.from(lost.trouble),
    why: lost.why,
    tried: [{ rung: lost.rung, fault: lost.fault.code, durationMs: 0 }],
    means: { reflash: signal => reflash(lease, image, variant, { ...means, signal }) },
    budget: { ...budget, wholeMs: budget.rungs.reflash },
    clock: means.clock,
    signal: means.signal,
    tell: step => means.emit({ type: 'recovery', board: board.name, ...step }),
  })
  if (still) return
  const names = new Set(missed.map(({ feature }) => feature))
  const features = execute.features.filter(({ id }) => names.has(id))
  await using again = new Execution({ ...execute, features, only: missed })
  try {
    await again.finish(means.signal)
  } finally {
    execution.adopt(again)
  }
}

/** Its stages are not the run's, whose tests are under way: only what is on the board is told. */
async function reflash(
  lease: Lease,
  image: Image,
  variant: Variant,
  means: ProvisionMeans,
): Promise<string | undefined> {
  const emit: ProvisionMeans['emit'] = event => {
    if (event.type !== 'stage') means.emit(event)
  }
  await provision(lease, image, variant, { ...means, emit })
  return lease.facts.bootId ?? undefined
}

function lastRung(events: readonly RunEvent[], board: string): EventOf<'recovery'> | undefined {
  return events.findLast(
    (event): event is EventOf<'recovery'> =>
      event.type === 'recovery' && event.board === board && event.state === 'end',
  )
}
