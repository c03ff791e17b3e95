import type { Host } from '../agent/host.ts'
import { goldenFor } from '../bench/golden.ts'
import { AGAIN_AFTER_GOLDEN, attribute, type Comparison } from '../model/attribution.ts'
import type { Cell } from '../model/cell.ts'
import type { RunEvent, TestResult } from '../model/event.ts'
import { fold } from '../model/fold.ts'
import type { Image } from '../model/image.ts'
import { strongest, type Verdict } from '../model/verdict.ts'
import type { PlannedRun } from './plan.ts'
import { runBoard } from './run-board.ts'
import type { RunContext } from './run-context.ts'
import { siblingRuns } from './sibling.ts'

/** Finds out whose the failures of a board are: another board of its type is asked, where one is free, and all that was seen is weighed. */
export async function attributeFailures(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  host: Host,
  context: RunContext,
): Promise<void> {
  const { name } = planned.board
  const failed = failures(context.events, planned)
  if (failed.length === 0 || context.signal.aborted) return
  const rows = new Set(failed.map(({ feature }) => feature))
  const phases = planned.phases.map(phase => ({ ...phase, features: phase.features.filter(({ id }) => rows.has(id)) }))
  if (failed.some(cell => elsewhere(context.events, planned, cell) === undefined))
    for (const sibling of await siblingRuns({ ...planned, phases }, context.options.bench, context.taken)) {
      context.taken.add(sibling.board.name)
      const joins = { insteadOf: name, why: `whether ${[...rows].join(', ')} fails here too` }
      if ((await runBoard(sibling, images, host, context, joins)) !== 'held') break
    }
  const golden = goldenFor({ ...planned.board, stateDir: host.stateDirOf(planned.board) })
  for (const cell of failed) {
    const known = golden && (await context.options.passedBefore?.(cell.feature, golden.image.sha256))
    const { is, why, clears } = attribute(comparison(context.events, planned, cell, known ?? false))
    context.emit({ type: 'attributed', board: name, feature: cell.feature, is, why, clears })
  }
}

/** What tests of a board found that stands as failed. */
function failures(events: readonly RunEvent[], { board, features }: PlannedRun): Cell[] {
  const { cells } = fold(events, features)
  return cells.filter(cell => cell.board === board.name && cell.verdict === 'fail' && cell.tests.some(isFail))
}

function comparison(
  events: readonly RunEvent[],
  planned: PlannedRun,
  { feature, reruns }: Cell,
  goldenPassedBefore: boolean,
): Comparison {
  const own = events.flatMap(event =>
    (event.type === 'test' || event.type === 'compared') && event.board === planned.board.name ? [event] : [],
  )
  const of = (type: string, rerun?: number): Verdict | undefined => {
    const results = own.filter(event => event.type === type && event.result.feature === feature).map(e => e.result)
    return strongest(results.filter(result => rerun === undefined || result.rerun === rerun).map(r => r.verdict))
  }
  const [golden, again] = [of('compared'), of('test', AGAIN_AFTER_GOLDEN)]
  const after = Number(again === 'pass' || again === 'fail')
  const sibling = elsewhere(events, planned, { feature })
  return {
    ...(golden && { golden }),
    ...(again && { again }),
    ...(sibling && { sibling }),
    // Those of the boot that failed first.
    reruns: { ran: (reruns?.ran ?? 0) - after, agreed: (reruns?.agreed ?? 0) - Number(again === 'fail') },
    goldenPassedBefore,
  }
}

/** What the same image does on another board of the type; a fail anywhere says most. */
function elsewhere(
  events: readonly RunEvent[],
  { board, features }: PlannedRun,
  { feature }: Pick<Cell, 'feature'>,
): Verdict | undefined {
  const { cells } = fold(events, features)
  const here = cells.find(cell => cell.board === board.name && cell.feature === feature)
  const others = cells.filter(
    cell =>
      cell.board !== board.name &&
      cell.feature === feature &&
      cell.type === board.type.name &&
      cell.imageSha256 === here?.imageSha256 &&
      (cell.verdict === 'fail' || cell.verdict === 'pass'),
  )
  return strongest(others.map(({ verdict }) => verdict))
}

function isFail({ verdict }: TestResult): boolean {
  return verdict === 'fail'
}
