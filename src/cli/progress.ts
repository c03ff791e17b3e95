import type { createLogUpdate } from 'log-update'
import { harmless, harmlessLines, humanDuration } from '../base/text.ts'
import type { Clock } from '../base/time.ts'
import type { RunEvent } from '../model/event.ts'
import { ProgressModel, type BoardProgress } from './progress-model.ts'

/** Shows a run's events while they happen. */
export interface Progress extends Disposable {
  readonly take: (event: RunEvent) => void
}

const REDRAW_MS = 200

/** `live`: one line a board, redrawn · `plain`: a timestamped line per event worth one · `json`: the events themselves. */
export function openProgress(how: 'live' | 'plain' | 'json', clock: Clock): Progress {
  if (how === 'json')
    return { take: event => process.stdout.write(`${JSON.stringify(event)}\n`), [Symbol.dispose]: () => undefined }
  return how === 'live' ? live(clock) : plain(clock)
}

function live(clock: Clock): Progress {
  const model = new ProgressModel(clock)
  // Loaded beside the run's first steps: power-on need not wait for it.
  let update: ReturnType<typeof createLogUpdate> | undefined
  void load()
  async function load(): Promise<void> {
    update = (await import('log-update')).createLogUpdate(process.stderr, { showCursor: true })
  }
  const draw = (): void => update?.(model.boards().map(line).join('\n'))
  const timer = setInterval(draw, REDRAW_MS)
  let open = true
  return {
    take: event => model.take(event),
    [Symbol.dispose]: () => {
      clearInterval(timer)
      if (open) draw()
      if (open) update?.done()
      open = false
    },
  }
}

function plain(clock: Clock): Progress {
  const model = new ProgressModel(clock)
  return {
    take: event => {
      model.take(event)
      const text = model.tell(event)
      if (text !== undefined) process.stderr.write(`${event.at.slice(11, 23)} ${harmlessLines(text)}\n`)
    },
    [Symbol.dispose]: () => undefined,
  }
}

function line(board: BoardProgress): string {
  const eta = board.etaMs === undefined ? '' : `  ~${humanDuration(board.etaMs)} left`
  const what = board.detail === undefined ? '' : `  ${harmless(board.detail)}`
  return `${board.mark} ${board.name.padEnd(10)} ${board.stage.padEnd(8)} ${humanDuration(board.elapsedMs).padStart(8)}${eta}${what}`.slice(
    0,
    (process.stderr.columns || 100) - 1,
  )
}
