import type { RunMatrix } from './cell.ts'
import type { RunEvent } from './event.ts'
import type { Feature } from './feature.ts'
import { blamesOf } from './blames.ts'
import { boardLog, eventsPerBoard, plannedIn, spanOf, startOf } from './fold-boards.ts'
import { withAttributions } from './fold-attributions.ts'
import { cellsOf } from './fold-cells.ts'
import { diagnosesIn } from './fold-diagnoses.ts'
import { withDisagreements } from './fold-disagree.ts'
import { exitCodeOf } from './verdict.ts'

export { parseEvents } from './fold-lines.ts'

/**
 * What a run's events amount to: one cell for every planned feature on every planned board.
 *
 * Replayable: the same events give the same matrix, on any machine, at any time. Any beginning of a log folds too, so that
 * a run can be watched and a killed one still tells what it knew. Blame of faults outside the tests:
 * of the product → the image row fails and blocks the others · of anything else → what had not begun is missed, what was
 * under way is an error. A row with tests for two images passes only by both: trouble before its second tests is its own.
 */
export function fold(events: Iterable<RunEvent>, features: readonly Feature[]): RunMatrix {
  const log = [...events]
  const start = startOf(log)
  const end = log.findLast(event => event.type === 'run-ended')
  const planned = plannedIn(log)
  const perBoard = eventsPerBoard(planned, log)
  const span = spanOf(log)
  const boards = planned.map(board => boardLog(board, perBoard.get(board.board) ?? [], span))
  const facts = { ended: end !== undefined, grep: start?.grep }
  const found = boards.flatMap(board => cellsOf(board, features, facts))
  const cells = withDisagreements(withAttributions(found, log))
  const diagnoses = diagnosesIn(log)
  const faults = log.filter(event => event.type === 'fault').map(({ board, blame, fault }) => ({ board, blame, fault }))
  return {
    run: start?.run ?? '',
    startedAt: start?.at ?? log[0]?.at ?? '',
    endedAt: end?.at ?? null,
    bench: start?.bench ?? '',
    ...(start && { command: start.command }),
    exitCode: end?.exitCode ?? exitCodeOf(blamesOf(log)),
    boards: boards.map(({ board }) => board),
    cells,
    faults,
    notes: log.filter(event => event.type === 'note').map(({ board, text }) => ({ board, text })),
    ...(diagnoses.length > 0 && { diagnoses }),
    left: start?.left ?? [],
  }
}
