import { humanDuration } from '../base/text.ts'
import type { Board } from '../bench/load.ts'
import { bootTimes, LEARNED_STAGES, type LearnedStage, type StageTime } from '../model/boot-times.ts'
import { driftOf, learnBudget, type Budget, type Drift } from '../model/budget.ts'
import type { BootLimits } from '../model/board-type.ts'
import type { RunEvent } from '../model/event.ts'

/** How long a stage took in earlier runs on a board, oldest first. */
export type TimesOf = (of: Pick<StageTime, 'board' | 'stage' | 'by'>) => Promise<readonly number[]>

export interface Budgets {
  readonly boot: Budget
  /** By what tells that the board is up. Without a console's prompt the whole boot lies in it. */
  readonly login: Readonly<Record<'console' | 'ssh', Budget>>
}

/**
 * How long to wait for a board's boot and login: what is learned of it, between the floor of its type and the limit it has
 * without. A virtual board is waited for in its own time, see `OwnTime`; its login is not, so that its floor is the limit.
 */
export async function budgetsOf(
  board: Pick<Board, 'name' | 'type' | 'spec' | 'wired'>,
  limits: BootLimits,
  timesOf: TimesOf,
): Promise<Budgets> {
  const { floorsMs = {} } = board.type.boot
  const bootFloorMs = floorsMs.boot ?? limits.boot / 2
  const budget = async (
    stage: LearnedStage,
    by: StageTime['by'],
    floorMs: number,
    ceilingMs: number,
  ): Promise<Budget> => learnBudget(await timesOf({ board: board.name, stage, by }), floorMs, ceilingMs)
  const ceilingMs = limits.boot + limits.ssh
  const login = (by: StageTime['by'], floorMs: number): Budget | Promise<Budget> =>
    board.spec.twin ? { limitMs: ceilingMs } : budget('login', by, floorMs, ceilingMs)
  return {
    boot: await budget('boot', board.wired.console ? 'console' : 'ssh', bootFloorMs, limits.boot),
    login: {
      console: await login('console', floorsMs.login ?? ceilingMs / 2),
      ssh: await login('ssh', bootFloorMs + (floorsMs.login ?? limits.ssh / 2)),
    },
  }
}

/** `the limit of 90 s was learned: 42 runs, the slowest of a hundred took 38 s; without that it were 180 s`; undefined of a ceiling. */
export function budgetWords({ limitMs, learned }: Budget): string | undefined {
  if (!learned) return undefined
  const { runs, p99Ms, ceilingMs } = learned
  return `the limit of ${humanDuration(limitMs)} was learned from ${runs} boots, the slowest of a hundred took ${humanDuration(p99Ms)}; at most it is ${humanDuration(ceilingMs)}`
}

/** What boots of a board now take another time for than they used to; of stages in their order. */
export async function driftsOf(board: string, timesOf: TimesOf): Promise<(Drift & { readonly stage: LearnedStage })[]> {
  const kinds = LEARNED_STAGES.flatMap(stage => (['console', 'ssh'] as const).map(by => ({ board, stage, by })))
  const drifts = await Promise.all(
    kinds.map(async kind => ({ stage: kind.stage, drift: driftOf(await timesOf(kind)) })),
  )
  return drifts.flatMap(({ stage, drift }) => (drift ? [{ stage, ...drift }] : []))
}

/** `login takes 38 s, was 21 s for 30 runs`. */
export function driftWords({ stage, nowMs, wasMs, runs }: Drift & { readonly stage: string }): string {
  return `${stage} takes ${humanDuration(nowMs)}, was ${humanDuration(wasMs)} for ${runs} runs`
}

/** What the boots of this run say together with those before: a note for each drift. */
export async function driftNotes(
  events: readonly RunEvent[],
  timesOf: TimesOf,
): Promise<{ board: string; text: string }[]> {
  const now = bootTimes(events)
  const withNow: TimesOf = async of => [
    ...(await timesOf(of)),
    ...now
      .filter(({ board, stage, by }) => board === of.board && stage === of.stage && by === of.by)
      .map(t => t.durationMs),
  ]
  const boards = [...new Set(now.map(({ board }) => board))]
  const told = boards.map(async board => {
    const drifts = await driftsOf(board, withNow)
    return drifts.map(drift => ({ board, text: driftWords(drift) }))
  })
  return (await Promise.all(told)).flat()
}
