import type { Diagnosis } from './cell.ts'
import type { RunEvent } from './event.ts'

/** The diagnoses of a run, each with the boots that led to it. */
export function diagnosesIn(events: readonly RunEvent[]): Diagnosis[] {
  const steps = new Map<string, Diagnosis['steps'][number][]>()
  const told = events.filter(({ type }) => type === 'diagnosis-step' || type === 'diagnosis')
  return told.flatMap(event => {
    if (event.type === 'diagnosis-step' && event.state === 'end') {
      const { board, of, fault, firmware } = event
      const step = { of, ...(fault && { fault }), ...(firmware !== undefined && { firmware }) }
      steps.set(board, [...(steps.get(board) ?? []), step])
    }
    if (event.type !== 'diagnosis') return []
    const { board, is, why } = event
    const made = steps.get(board) ?? []
    steps.delete(board)
    return [{ board, is, why, steps: made }]
  })
}
