import { plannedIn } from './fold-boards.ts'
import type { RunEvent } from './event.ts'
import type { RunMatrix } from './cell.ts'
import type { Image } from './image.ts'

/** An image that is known to be good: what boards are compared with, and checked by. */
export interface GoldenImage {
  /** A board, or a board type. */
  readonly of: string
  /** Its files are a copy that nothing else removes. */
  readonly image: Image
  /** ISO time. */
  readonly since: string
  /** The run it was promoted from; absent: somebody named it. */
  readonly run?: string
}

/** The golden image of a board: its own, else that of its type. */
export function goldenOf(
  goldens: readonly GoldenImage[],
  { name, type }: { readonly name: string; readonly type: { readonly name: string } },
): GoldenImage | undefined {
  return goldens.find(({ of }) => of === name) ?? goldens.find(({ of }) => of === type.name)
}

/** Why runs are not good enough, a line a reason, in the order it was met first, with the run that has it and how many more do. */
export function byReason(refused: readonly { readonly run: string; readonly why: string }[]): string[] {
  const groups = Map.groupBy(refused, ({ why }) => why)
  return [...groups].map(([why, all]) => {
    const [first, ...more] = new Set(all.map(({ run }) => run))
    return `${first}${more.length === 0 ? '' : ` and ${more.length} more`}: ${why}`
  })
}

/** The line that golden images are promoted from. */
const LINE = 'main'

/**
 * The image that a run found to be good on a board, or every reason why it may not become golden: nobody proved that it is
 * `main`, something did not pass, or the run says too little.
 */
export function promotable(
  matrix: RunMatrix,
  events: readonly RunEvent[],
  board: string,
): { readonly image: Image } | { readonly refused: readonly string[] } {
  const planned = plannedIn(events).find(planned => planned.board === board)
  if (!planned) return { refused: [`${matrix.run} did not run on ${board}`] }
  const flashed = events.flatMap(event => (event.type === 'flashed' && event.board === board ? [event] : []))
  const image = flashed.find(({ image }) => image.variant === 'debug')?.image ?? flashed[0]?.image
  const cells = matrix.cells.filter(cell => cell.board === board)
  const bad = cells.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skip')
  const refused = [
    ...(matrix.endedAt === null ? ['the run did not end'] : []),
    ...(image ? [] : ['the run flashed nothing, so that it proves nothing of an image']),
    ...(image && image.origin?.line !== LINE
      ? [`its image is not proven to come from ${LINE}: ${image.origin?.why ?? 'nobody looked where it comes from'}`]
      : []),
    ...bad.map(
      ({ feature, verdict, reason, fault }) => `${feature}: ${verdict}, ${fault?.seen ?? reason ?? 'no reason'}`,
    ),
    ...(cells.some(({ verdict }) => verdict === 'pass') ? [] : ['nothing of it passed']),
  ]
  return image && refused.length === 0 ? { image } : { refused }
}
