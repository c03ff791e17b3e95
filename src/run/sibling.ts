import type { Bench, Board } from '../bench/load.ts'
import { whyNotOn } from '../model/feature.ts'
import type { Host } from '../agent/host.ts'
import type { Image } from '../model/image.ts'
import { missingFor, type PlannedRun } from './plan.ts'
import { runBoard } from './run-board.ts'
import type { RunContext } from './run-context.ts'

/** Takes a board through a run, and another one of its type in its stead where the image changed it or it cannot be trusted. */
export async function runBoardOrSibling(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  host: Host,
  context: RunContext,
): Promise<void> {
  const outcome = await runBoard(planned, images, host, context)
  if (typeof outcome !== 'object' || !outcome.wantsQuarantine || context.signal.aborted) return
  const { name } = planned.board
  for (const sibling of await siblingRuns(planned, context.options.bench, context.taken)) {
    context.taken.add(sibling.board.name)
    const joins = { insteadOf: name, why: `${name} cannot tell: ${outcome.why}` }
    // One is enough: an image that changes boards must not be given to all of them.
    if ((await runBoard(sibling, images, host, context, joins)) !== 'held') return
  }
  context.emit({ type: 'note', board: name, text: 'no other board of its type is free to try the image on' })
}

/**
 * The same work on another board of the type, where the bench has one that is in no run of ours: what one board could not
 * decide, it may. In the order of the bench file; a twin stands only for a twin.
 */
export async function siblingRuns(
  planned: PlannedRun,
  bench: Bench,
  taken: ReadonlySet<string>,
): Promise<PlannedRun[]> {
  const { type, spec } = planned.board
  const others = bench.boards.filter(
    board => board.type.name === type.name && board.spec.twin === spec.twin && !taken.has(board.name),
  )
  const missing = await Promise.all(others.map(missingFor))
  return others.filter((_, index) => missing[index] === undefined).flatMap(board => runOn(board, planned) ?? [])
}

/** The same phases with the same images, less what does not apply to that unit. */
function runOn(board: Board, { phases }: PlannedRun): PlannedRun | undefined {
  const own = phases
    .map(phase => ({
      ...phase,
      features: phase.features.filter(feature => whyNotOn(feature, board.type, board.traits) === undefined),
    }))
    // Only what is flashed is known to be the same image.
    .filter(phase => phase.features.length > 0 && phase.imagePath !== null)
  if (own.length === 0) return undefined
  return { board, phases: own, features: [...new Set(own.flatMap(phase => phase.features))] }
}
