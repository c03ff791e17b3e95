import { complain, type Complaint } from '../base/schema.ts'
import type { EventType, RunEvent } from './event.ts'

/** What a fold relies on: `name:type`, `?` for "or null". The rest of an event is only shown. */
const SHAPES: Record<EventType, readonly string[]> = {
  'run-started': ['run:string', 'bench:string', 'boards:array', 'left:array'],
  stage: ['board:string', 'stage:string', 'state:string'],
  progress: ['board:string'],
  flashed: ['board:string', 'proof:object', 'image:object'],
  source: ['board:string', 'image:object'],
  booted: ['board:string'],
  recording: ['board:string', 'from:number'],
  trusted: ['board:string', 'trust:object'],
  test: ['board:string', 'result:object'],
  fault: ['board:string?', 'fault:object', 'blame:string'],
  note: ['board:string?', 'text:string'],
  'run-ended': ['exitCode:number', 'durationMs:number'],
}

/**
 * The events of a `run.jsonl`. A torn last line is left out: its writer was killed, all before it holds.
 *
 * Limits: an event of a type this version does not know is left out too. Errors: `configuration/run-log` with file:line
 * of every other line that cannot be read.
 */
export function parseEvents(text: string, path = 'run.jsonl'): RunEvent[] {
  const lines = text.split('\n')
  const events: RunEvent[] = []
  const complaints: Complaint[] = []
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue
    const event = parseLine(line)
    if (typeof event !== 'string') events.push(...(event ? [event] : []))
    else if (index < lines.length - 1) complaints.push({ where: `${path}:${index + 1}`, message: event })
  }
  if (complaints.length > 0) throw complain('configuration/run-log', path, complaints)
  return events
}

/** The event, undefined if of an unknown type, or what is wrong with the line. */
function parseLine(line: string): RunEvent | undefined | string {
  let event: Record<string, unknown>
  try {
    event = JSON.parse(line) as Record<string, unknown>
  } catch (error) {
    return (error as Error).message
  }
  if (kindOf(event) !== 'object' || typeof event['at'] !== 'string' || typeof event['type'] !== 'string')
    return "not an event: 'at' and 'type' are missing"
  if (!Object.hasOwn(SHAPES, event['type'])) return undefined
  for (const shape of SHAPES[event['type'] as EventType]) {
    const [name = '', kind = ''] = shape.split(':')
    const found = kindOf(event[name])
    if (found !== kind.replace('?', '') && !(found === 'null' && kind.endsWith('?')))
      return `${event['type']}: '${name}' is ${found}, not ${kind.replace('?', ' or null')}`
  }
  return event as unknown as RunEvent
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
