import type { EventOf, RunEvent } from './event.ts'
import { plannedIn, startOf } from './fold-boards.ts'
import type { Image } from './image.ts'

/** A board that came up, or was flashed, in a run: what of it is still worth knowing months later. */
interface BoardFact {
  readonly run: string
  readonly at: string
  readonly board: string
  readonly type: string
  readonly twin: boolean
  /** What was on the board; null: nothing says. */
  readonly image: Image | null
}

/** Power-on to a shell that is believed. */
export interface BootFact extends BoardFact {
  readonly durationMs: number
  readonly firmware?: string
  /** What the system said it is. */
  readonly version?: string
}

/** An image that went to a medium: writing and reading back. */
export interface FlashFact extends BoardFact {
  readonly durationMs: number
  readonly mode: EventOf<'flashed'>['proof']['mode']
  readonly imageBytes: number
}

export interface RunFacts {
  readonly run: string
  readonly bench: string
  readonly boots: readonly BootFact[]
  readonly flashes: readonly FlashFact[]
}

/** How long a run's boots and flashes took, of which image and on which board. Limits: a dry run flashed nothing. */
export function runFacts(events: readonly RunEvent[]): RunFacts {
  const start = startOf(events)
  const run = start?.run ?? ''
  const planned = new Map(plannedIn(events).map(board => [board.board, board]))
  const onBoard = new Map(plannedIn(events).map(({ board, image }) => [board, image]))
  const boots: BootFact[] = []
  const flashes: FlashFact[] = []
  for (const event of events) {
    if (event.type !== 'flashed' && event.type !== 'booted') continue
    const { board, at } = event
    const { type, twin } = planned.get(board) ?? {}
    if (type === undefined || twin === undefined) continue
    const fact = { run, at, board, type, twin }
    if (event.type === 'flashed') {
      onBoard.set(board, event.image)
      const { durationMs, mode, imageBytes, dryRun } = event.proof
      if (!dryRun) flashes.push({ ...fact, image: event.image, durationMs, mode, imageBytes })
    } else {
      const { durationMs, proof } = event
      const said = {
        ...(proof?.firmware && { firmware: proof.firmware }),
        ...(proof?.version && { version: proof.version }),
      }
      boots.push({ ...fact, image: onBoard.get(board) ?? null, durationMs, ...said })
    }
  }
  return { run, bench: start?.bench ?? '', boots, flashes }
}
