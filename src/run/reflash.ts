import type { Lease } from '../agent/agent.ts'
import { Fault } from '../base/fault.ts'
import { climb } from '../bench/climb.ts'
import { isDoubtful } from '../model/diagnosis.ts'
import type { EventOf, RunEvent } from '../model/event.ts'
import type { Image, Variant } from '../model/image.ts'
import { ladderBudget, type Rung } from '../model/ladder.ts'
import { bootRecord } from './boot-record.ts'
import { diagnoseFrom, type DiagnoseOptions } from './diagnose.ts'
import { Execution, type ExecuteOptions } from './execute.ts'
import { provision, type ProvisionMeans } from './provision.ts'

interface Tested {
  readonly execution: Execution
  readonly execute: ExecuteOptions
  readonly means: ProvisionMeans
  readonly events: () => readonly RunEvent[]
  /** How it is found out whose fault it is where the image does not come back; undefined: not at all. */
  readonly diagnose: DiagnoseOptions | undefined
}

/**
 * The rungs above the power cycle, for which only a run has the means: a board that nothing else brought back gets its image
 * again; where that does not boot, its golden image tells whose fault it is. With the image up, the tests that could not begin
 * are made. What was found before stays; a medium that tests destroyed is often the reason.
 *
 * Errors: as for tests; what a diagnosis found. A board that does not come back is told by its rungs, and its tests stay missed.
 */
export async function testAfterReflash(
  lease: Lease,
  image: Image | null,
  variant: Variant,
  { execution, execute, means, events, diagnose }: Tested,
): Promise<void> {
  const { board } = lease
  const lost = lastRung(events(), board.name)
  if (!image || !board.wired.flasher || board.spec.install || lost?.fault === undefined) return
  const missed = execution.results.filter(({ verdict, fault }) => verdict === 'miss' && fault !== undefined)
  if (missed.length === 0) return
  // Before the image is tried again: the golden one may be it.
  const record = bootRecord(board.stateDir)
  if (await climbTo('reflash', lost, lease, means, means => provision(lease, image, variant, means))) {
    const failed = lastRung(events(), board.name)
    if (!diagnose?.golden || failed?.rung !== 'reflash' || !failed.fault || !isDoubtful(failed.fault)) return
    const first = Fault.from(failed.fault)
    let found: EventOf<'diagnosis'>['is'] | undefined
    let whose: unknown
    const look = async (means: ProvisionMeans): Promise<void> => {
      const emit: ProvisionMeans['emit'] = event => {
        if (event.type === 'diagnosis') found = event.is
        means.emit(event)
      }
      try {
        await diagnoseFrom(first, record, lease, image, variant, { ...means, emit }, diagnose)
      } catch (error) {
        whose = error
        throw error
      }
    }
    if (await climbTo('golden', failed, lease, means, look)) {
      if (found === undefined || found === 'unconfirmed') return
      throw whose
    }
  }
  const names = new Set(missed.map(({ feature }) => feature))
  const features = execute.features.filter(({ id }) => names.has(id))
  await using again = new Execution({ ...execute, features, only: missed })
  try {
    await again.finish(means.signal)
  } finally {
    execution.adopt(again)
  }
}

/** Tries one rung more, behind the last that was; gives back why the board is lost. Errors: the signal's reason. */
async function climbTo(
  rung: Rung,
  lost: EventOf<'recovery'>,
  { board, live, facts }: Lease,
  means: ProvisionMeans,
  work: (means: ProvisionMeans) => Promise<void>,
): Promise<Fault | undefined> {
  const budget = ladderBudget(live.limitsMs, board.type.ladderMs)
  // Its stages are not the run's, whose tests are under way: only what is on the board is told.
  const emit: ProvisionMeans['emit'] = event => {
    if (event.type !== 'stage') means.emit(event)
  }
  return climb({
    trouble: lost.trouble && Fault.from(lost.trouble),
    why: lost.why,
    tried: [{ rung: lost.rung, fault: lost.fault?.code ?? null, durationMs: 0 }],
    means: {
      [rung]: async (signal: AbortSignal) => {
        await work({ ...means, emit, signal })
        return facts.bootId ?? undefined
      },
    },
    budget: { ...budget, wholeMs: budget.rungs[rung] },
    clock: means.clock,
    signal: means.signal,
    tell: step => means.emit({ type: 'recovery', board: board.name, ...step }),
  })
}

function lastRung(events: readonly RunEvent[], board: string): EventOf<'recovery'> | undefined {
  return events.findLast(
    (event): event is EventOf<'recovery'> =>
      event.type === 'recovery' && event.board === board && event.state === 'end',
  )
}
