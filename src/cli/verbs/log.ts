import { once } from 'node:events'
import { Fault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import {
  readRecording,
  recordingFolder,
  type Dropped,
  type Heard,
  type Mark,
  type Quiet,
} from '../../bench/recording/reader.ts'
import { boardOf } from '../board-of.ts'
import { Asciicast } from '../log/asciicast.ts'
import { Lines, type LogLine } from '../log/lines.ts'
import { describeDropped, describeMark } from '../log/marks.ts'
import { parseSince } from '../log/since.ts'

export interface LogOptions {
  readonly bench: string
  readonly since?: string
  readonly follow?: boolean
  readonly grep?: string
  readonly timestamps?: boolean
  readonly json?: boolean
  readonly cast?: boolean
}

/** `hil log`: what a board's console said, whoever recorded it. Touches no board and needs no lease. */
export async function log(name: string, options: LogOptions, signal: AbortSignal): Promise<void> {
  const pattern = options.grep === undefined ? undefined : patternOf(options.grep)
  const start = options.since === undefined ? 'oldest' : parseSince(options.since, systemClock.nowMs())
  const board = await boardOf(options.bench, name)
  const { follow = false } = options
  const heard = readRecording(recordingFolder(board.stateDir), { start, follow, clock: systemClock, signal })
  const texts = options.cast
    ? castOf(heard, `console of ${board.name}`)
    : textsOf(heard, pattern, options.json ? asJson : options.timestamps ? withTime : plain)
  let any = false
  let unread = false
  process.stdout.once('error', () => (unread = true))
  for await (const text of texts) {
    any = true
    if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain', { signal }).catch(() => {})
    if (signal.aborted) break
  }
  if (!follow && !unread) signal.throwIfAborted()
  if (!any && !signal.aborted) process.stderr.write(`${nothing(board.name, options)}\n`)
}

type Item = Heard | Mark | Dropped | Quiet
type Format = (item: LogLine | Mark | Dropped) => string

async function* textsOf(
  items: AsyncIterable<Item>,
  pattern: RegExp | undefined,
  format: Format,
): AsyncGenerator<string> {
  const lines = new Lines()
  const wanted = (line: LogLine): boolean => !pattern || pattern.test(line.text)
  for await (const item of items) {
    const ended = 'bytes' in item ? lines.add(item) : lines.end()
    for (const line of ended) if (wanted(line)) yield format(line)
    if (!('bytes' in item) && !('quiet' in item) && !pattern) yield format(item)
  }
  for (const line of lines.end()) if (wanted(line)) yield format(line)
}

async function* castOf(items: AsyncIterable<Item>, title: string): AsyncGenerator<string> {
  const cast = new Asciicast(title)
  for await (const item of items) {
    if ('bytes' in item) yield* cast.heard(item)
    else if (!('dropped' in item) && !('quiet' in item)) yield* cast.mark(item)
  }
}

const plain: Format = item => ('text' in item ? item.text : `--- ${words(item)} ---`)

const withTime: Format = item => {
  if ('text' in item) return `${iso(item.atMs)}  ${item.text}`
  return `--- ${'atMs' in item ? `${iso(item.atMs)} ` : ''}${words(item)} ---`
}

/** `{offset, at, text}`, or in place of `text` what happened: `gap`, `power`, `opened`, `epoch`, `closed`, `dropped`. */
const asJson: Format = item => {
  if ('dropped' in item) return JSON.stringify(item)
  const { offset, atMs, ...what } = item
  return JSON.stringify({ offset, at: iso(atMs), ...what })
}

function words(item: Mark | Dropped): string {
  return 'dropped' in item ? describeDropped(item) : describeMark(item)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new Fault('configuration/usage', {
      expected: '--grep to be a regular expression',
      seen: (error as Error).message,
      next: 'correct --grep; a backslash before ( [ . * + ? makes them plain characters',
    })
  }
}

function nothing(board: string, { since, grep }: LogOptions): string {
  if (grep !== undefined) return `${board}: no line matches`
  if (since === 'boot') return `${board}: no power-on was recorded on this host`
  if (since !== undefined) return `${board}: its console said nothing since then`
  return `${board}: nothing was recorded on this host yet; a console is recorded while hil run or hil console holds it`
}
