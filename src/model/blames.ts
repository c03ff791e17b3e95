import type { FaultClass } from '../base/fault-codes.ts'
import type { RunEvent } from './event.ts'

/** Everybody whose fault a run met, for its exit code: not those of open known issues, nor of what never began. */
export function blamesOf(events: readonly RunEvent[]): FaultClass[] {
  return events.flatMap(event => {
    if (event.type === 'fault') return event.known === undefined ? event.blame : []
    if (event.type !== 'test' || event.result.verdict === 'miss' || event.result.known !== undefined) return []
    return event.result.blame ?? []
  })
}
