import { asFault } from '../base/fault.ts'
import { count } from '../base/text.ts'
import { MAX_RERUNS } from '../model/confidence.ts'
import type { EventOf, RunEvent, TestResult } from '../model/event.ts'
import { fold } from '../model/fold.ts'
import { testsToRepeat } from '../model/rerun.ts'
import { Execution, type ExecuteOptions } from './execute.ts'

export interface ConfirmOptions {
  /** What the first execution ran with. */
  readonly execute: ExecuteOptions
  /** The run's log so far. */
  readonly events: () => readonly RunEvent[]
  readonly doubted: ReadonlySet<string>
  readonly signal: AbortSignal
  /** Throws when the board is in trouble that no test has told of; gives back whether it can go on. */
  readonly canGoOn: (execution: Execution) => Promise<boolean>
}

/**
 * Runs again, on the same board and image, what failed and what would lift a ❌: at most two rounds.
 *
 * It never makes a fail a pass. What goes wrong with a round is noted and ends it: the first results stand. Errors: the
 * signal's reason; trouble of the board.
 */
export async function confirmFindings(tests: readonly TestResult[], options: ConfirmOptions): Promise<void> {
  const { execute, events, doubted, signal } = options
  const { board, features, emit } = execute
  const reruns: TestResult[] = []
  for (let rerun = 1; rerun <= MAX_RERUNS; rerun++) {
    const { cells } = fold(ofBoard(events(), board), features)
    const again = testsToRepeat({ cells, tests, reruns, doubted })
    if (again.length === 0) return
    const names = new Set(again.map(({ feature }) => feature))
    emit({
      type: 'note',
      board,
      text: `runs ${count(again.length, 'test')} of ${[...names].join(', ')} again, round ${rerun} of at most ${MAX_RERUNS}: does it repeat?`,
    })
    await using execution = new Execution({
      ...execute,
      features: features.filter(({ id }) => names.has(id)),
      again: { tests: again, rerun },
    })
    try {
      await execution.finish(signal)
    } catch (error) {
      signal.throwIfAborted()
      emit({ type: 'note', board, text: `the re-run could not be made: ${asFault(error).message.split('\n')[0]}` })
      return
    }
    reruns.push(...execution.results)
    if (!(await options.canGoOn(execution))) return
  }
}

/** What a run's log says about one board, and of the run as a whole. */
export function ofBoard(events: readonly RunEvent[], board: string): RunEvent[] {
  const own = events.filter(event => !('board' in event) || event.board === board)
  return own.map(event => (event.type === 'run-started' ? only(event, board) : event))
}

function only(start: EventOf<'run-started'>, board: string): EventOf<'run-started'> {
  return { ...start, boards: start.boards.filter(planned => planned.board === board) }
}
