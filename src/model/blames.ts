import type { FaultClass } from '../base/fault-codes.ts'
import type { RunEvent } from './event.ts'
import { attributionsIn } from './fold-attributions.ts'

/** Everybody whose fault a run met, for its exit code: not those of open known issues, nor of what never began. */
export function blamesOf(events: readonly RunEvent[]): FaultClass[] {
  const attributed = attributionsIn(events)
  return events.flatMap(event => {
    if (event.type === 'fault') return event.known === undefined ? event.blame : []
    if (event.type !== 'test' || event.result.verdict === 'miss' || event.result.known !== undefined) return []
    const found = attributed.get(`${event.board}\n${event.result.feature}`)
    if (event.result.blame === 'product' && found?.clears) return found.is === 'test' ? 'test' : 'infrastructure'
    return event.result.blame ?? []
  })
}
