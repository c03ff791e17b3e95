import type { Host } from '../agent/host.ts'
import type { Image } from '../model/image.ts'
import { attributeFailures } from './attribute.ts'
import type { PlannedRun } from './plan.ts'
import { runBoard } from './run-board.ts'
import type { RunContext } from './run-context.ts'
import { siblingRuns } from './sibling.ts'

/** Takes a board through a run, and another one of its type in its stead where the image changed it or it cannot be trusted. */
export async function runBoardOrSibling(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  host: Host,
  context: RunContext,
): Promise<void> {
  const outcome = await runBoard(planned, images, host, context)
  if (context.signal.aborted) return
  if (typeof outcome !== 'object' || !outcome.wantsQuarantine) {
    if (context.options.confirm === 'aba') await attributeFailures(planned, images, host, context)
    return
  }
  const { name } = planned.board
  for (const sibling of await siblingRuns(planned, context.options.bench, context.taken)) {
    context.taken.add(sibling.board.name)
    const joins = { insteadOf: name, why: `${name} cannot tell: ${outcome.why}` }
    // One is enough: an image that changes boards must not be given to all of them.
    if ((await runBoard(sibling, images, host, context, joins)) !== 'held') return
  }
  context.emit({ type: 'note', board: name, text: 'no other board of its type is free to try the image on' })
}
