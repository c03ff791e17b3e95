import type { RunEvent } from '../model/event.ts'
import { EPOCH_MS } from './time/virtual-time.ts'
import type { SeedOutcome } from './world.ts'

/** One line of what happened in a seed, by whoever it happened to. */
export interface TimelineLine {
  readonly atMs: number
  readonly who: string
  readonly text: string
}

/** All that happened in a seed, in order: what struck whom, and what the runs made of it. The same for each time it is lived. */
export function timelineOf(outcome: SeedOutcome): TimelineLine[] {
  const own = outcome.runs.flatMap(({ planned, events }) =>
    events
      .filter(({ type }) => type !== 'progress')
      .map(event => ({ atMs: Date.parse(event.at) - EPOCH_MS, who: planned.name, text: JSON.stringify(rest(event)) })),
  )
  const all = [...outcome.events.map(event => ({ ...event, atMs: Math.floor(event.atMs) })), ...own]
  return all
    .map((line, n) => ({ line: { ...line, text: anonymous(line.text, outcome) }, n }))
    .sort((a, b) => a.line.atMs - b.line.atMs || a.n - b.n)
    .map(({ line }) => line)
}

/** As people read it, a line each. */
export function timelineText(lines: readonly TimelineLine[]): string {
  return lines
    .map(({ atMs, who, text }) => `${(atMs / 1000).toFixed(3).padStart(10)} s  ${who.padEnd(8)} ${text}\n`)
    .join('')
}

function rest({ at: _at, ...event }: RunEvent): object {
  return event
}

/** Without what is this host's: the folder of the simulation, its process and its user. */
function anonymous(text: string, { folder }: SeedOutcome): string {
  return text
    .replaceAll(folder, '<folder>')
    .replaceAll(`pid ${process.pid}: `, 'pid 1: ')
    .replaceAll(/\b(?:waits for|held by) [^"]{1,80} \(pid \d+: /g, 'held by somebody (')
}
