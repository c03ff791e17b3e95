import { Fault } from '../base/fault.ts'
import type { Cell } from './cell.ts'
import type { EventOf, RunEvent } from './event.ts'

/** Cells with whose their failures were found to be; what is not the product's is an error. */
export function withAttributions(cells: readonly Cell[], events: readonly RunEvent[]): Cell[] {
  const found = attributionsIn(events)
  return cells.map(cell => {
    const attributed = found.get(`${cell.board}\n${cell.feature}`)
    if (!attributed || cell.verdict !== 'fail') return cell
    const { is, why } = attributed
    if (!attributed.clears) return { ...cell, attribution: { is, why } }
    const { reruns: _, absent: __, ...rest } = cell
    const report = { expected: `${cell.feature} to pass on ${cell.board}`, seen: why }
    const fault = new Fault(is === 'test' ? 'test/suspect' : 'infrastructure/board-suspect', report)
    return { ...rest, verdict: 'error', blame: fault.class, fault: fault.record(), attribution: { is, why } }
  })
}

/** By board and feature. */
export function attributionsIn(events: readonly RunEvent[]): ReadonlyMap<string, EventOf<'attributed'>> {
  const found = events.filter(event => event.type === 'attributed')
  return new Map(found.map(event => [`${event.board}\n${event.feature}`, event]))
}
