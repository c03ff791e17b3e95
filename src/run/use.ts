import { changeHealth, readHealth } from '../agent/health/health-file.ts'
import { afterUse, boardFaultIn, doubtIn } from '../model/health.ts'
import type { RunContext } from './run-context.ts'

/** Writes down what a run met on a board, and withholds the board where the rule says so: the last rung. Never throws. */
export function rememberUse(stateDir: string, board: string, context: UseContext): void {
  try {
    remember(stateDir, board, context)
  } catch (error) {
    context.log.warn({ err: error, board }, 'what the run met on the board was not written down')
  }
}

function remember(stateDir: string, board: string, { options, events, run, emit }: UseContext): void {
  const wasOpen = events.some(event => event.type === 'recording' && event.board === board)
  const fault = boardFaultIn(events, board)
  // One that it never got to use says nothing.
  if (!wasOpen && fault === null) return
  const before = readHealth(stateDir).quarantine
  const doubt = doubtIn(events, board)
  const use = { atMs: options.clock.nowMs(), run, fault, ...(doubt !== undefined && { doubt }) }
  const { quarantine } = changeHealth(stateDir, record => afterUse(record, use))
  if (!quarantine || before) return
  const step = { type: 'recovery', board, rung: 'quarantine', why: quarantine.reason } as const
  emit({ ...step, state: 'begin' })
  emit({ ...step, state: 'end', durationMs: 0 })
}

type UseContext = Pick<RunContext, 'options' | 'events' | 'emit' | 'log' | 'run'>
