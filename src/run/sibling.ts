import { readHealth } from '../agent/health/health-file.ts'
import type { Bench, Board } from '../bench/load.ts'
import { whyNotOn } from '../model/feature.ts'
import { byHealth, faultsPer100, type Candidate } from '../model/health.ts'
import { missingFor, type PlannedRun } from './plan.ts'

/**
 * The same work on another board of the type, where the bench has one that is in no run of ours: what one board could not
 * decide, it may. The soundest first; a twin stands only for a twin.
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
  return others
    .filter((_, index) => missing[index] === undefined)
    .map(board => ({ board, ...candidateOf(board) }))
    .sort(byHealth)
    .flatMap(({ board }) => runOn(board, planned) ?? [])
}

/** Who is busy is found out when it is asked for. */
function candidateOf({ stateDir }: Board): Candidate {
  const health = readHealth(stateDir)
  return { isQuarantined: health.quarantine !== null, isBusy: false, waiting: 0, faultsPer100: faultsPer100(health) }
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
