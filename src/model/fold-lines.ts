import { linesOf } from '../base/lines.ts'
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
  joined: ['board:string', 'planned:object', 'insteadOf:string', 'why:string'],
  'diagnosis-step': ['board:string', 'of:string', 'state:string'],
  compared: ['board:string', 'result:object'],
  attributed: ['board:string', 'feature:string', 'is:string', 'why:string'],
  diagnosis: ['board:string', 'is:string', 'why:string'],
  recovery: ['board:string', 'rung:string', 'state:string', 'why:string'],
  rebooted: ['board:string', 'how:string', 'bootId:string', 'durationMs:number'],
  note: ['board:string?', 'text:string'],
  'run-ended': ['exitCode:number', 'durationMs:number'],
}

interface Field {
  readonly name: string
  readonly kind: string
  readonly orNull: boolean
}

const FIELDS: ReadonlyMap<string, readonly Field[]> = new Map(
  Object.entries(SHAPES).map(([type, shapes]) => [type, shapes.map(fieldOf)]),
)

function fieldOf(shape: string): Field {
  const [name = '', kind = ''] = shape.split(':')
  return { name, kind: kind.replace('?', ''), orNull: kind.endsWith('?') }
}

/**
 * The events of a `run.jsonl`, given as its text or its lines. A torn last line is left out: its writer was killed, all before it holds.
 *
 * Limits: an event of a type this version does not know is left out too. Errors: `configuration/run-log` with file:line
 * of every other line that cannot be read.
 */
export function parseEvents(log: string | Iterable<string>, path = 'run.jsonl'): RunEvent[] {
  const events: RunEvent[] = []
  const complaints: Complaint[] = []
  let number = 0
  let torn: Complaint | undefined
  for (const line of typeof log === 'string' ? linesOf(log) : log) {
    number++
    // Another line follows it, if only the empty one behind its newline: it was whole.
    if (torn) complaints.push(torn)
    torn = undefined
    if (line.trim() === '') continue
    const event = parseLine(line)
    if (typeof event === 'string') torn = { where: `${path}:${number}`, message: event }
    else if (event) events.push(event)
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
  const fields = FIELDS.get(event['type'])
  if (!fields) return undefined
  for (const { name, kind, orNull } of fields) {
    const found = kindOf(event[name])
    if (found !== kind && !(found === 'null' && orNull))
      return `${event['type']}: '${name}' is ${found}, not ${kind}${orNull ? ' or null' : ''}`
  }
  return event as unknown as RunEvent
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}
