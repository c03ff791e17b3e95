import { open, type FileHandle } from 'node:fs/promises'
import type { Clock } from '../../base/time.ts'
import { isArrival, offsetOf, timeOf, type Arrival, type IndexLine, type Mark } from './index-line.ts'
import { IndexTail } from './index-tail.ts'
import { segmentsIn, type SegmentFile } from './segment-files.ts'

export type { Mark } from './index-line.ts'
export { recordingFolder } from './segment-files.ts'

/** Some bytes of a recording, which arrived together. */
export interface Heard {
  readonly offset: number
  readonly atMs: number
  readonly bytes: Buffer
}

/** What was recorded before an offset is no longer kept. */
export interface Dropped {
  readonly dropped: true
  readonly offset: number
}

/** Nothing came for a while: who puts lines together may take what is there. Only while following. */
export interface Quiet {
  readonly quiet: true
}

/** Where reading begins: at what arrived at a time or later, at the last power-on, or at the oldest byte kept. */
export type Start = { readonly sinceMs: number } | 'boot' | 'oldest'

export interface ReadOptions {
  readonly start: Start
  /** Goes on with what is recorded from now on, until aborted. Default: ends at the end. */
  readonly follow?: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
}

const POLL_MS = 100
const QUIET_POLLS = 5
const WINDOW_BYTES = 256 << 10

/**
 * Reads a board's recording from its files: needs no lease, and does not care whether somebody is writing.
 *
 * Yields bytes in order with their arrival times, and every mark where it stands; the lease under which a segment goes on
 * only where it was not told before. Ends at once where nothing was recorded,
 * and with `boot` where no power-on was. An abort ends it without an error.
 */
export async function* readRecording(
  folder: string,
  options: ReadOptions,
): AsyncGenerator<Heard | Mark | Dropped | Quiet> {
  const { clock, signal, follow = false } = options
  let place = await placeOf(folder, options.start)
  for (; !place; place = await placeOf(folder, options.start))
    if (!follow || options.start === 'boot' || !(await pause(clock, signal))) return
  if (place.dropped) yield { dropped: true, offset: place.segment.start }
  let { begins } = place
  let epoch: number | undefined
  for (let segment: SegmentFile | undefined = place.segment; segment;) {
    const files = await openBoth(segment)
    if (!files) {
      // Dropped while it was being read up to here.
      segment = segmentsIn(folder).find(({ start }) => start > segment!.start)
      if (segment) yield { dropped: true, offset: segment.start }
      continue
    }
    await using _files = files
    const tail = new IndexTail(files.index)
    const cursor = new Cursor(files.data, segment.start)
    let indexed = false
    for (let quietPolls = 0; ; quietPolls++) {
      if (signal.aborted) return
      const newer: SegmentFile | undefined = segmentsIn(folder).find(({ start }) => start > segment!.start)
      const lines = await tail.next()
      for (const line of lines) {
        const goesOn = !isArrival(line) && line.epoch !== undefined && line.epoch === epoch
        if (!isArrival(line)) epoch = line.epoch ?? line.opened ?? epoch
        if (goesOn || !begins(line)) continue
        begins = always
        yield* cursor.until(offsetOf(line))
        if (isArrival(line)) cursor.arrival = line
        else yield line
      }
      if (lines.length > 0) {
        quietPolls = 0
        indexed ||= lines.some(isArrival)
        continue
      }
      // A kill may leave the first bytes of a segment without a line.
      if (!indexed && begins === always) cursor.arrival = [segment.start, (await files.data.stat()).mtimeMs]
      yield* cursor.until(Infinity)
      if (newer || !follow) {
        segment = newer
        break
      }
      if (quietPolls === QUIET_POLLS) yield { quiet: true }
      if (!(await pause(clock, signal))) return
    }
  }
}

const always = (): boolean => true

/** Where reading begins: a segment, and the first line of its index that counts. */
interface Place {
  readonly segment: SegmentFile
  readonly begins: (line: IndexLine) => boolean
  /** There was more, and it may have been asked for. */
  readonly dropped: boolean
}

async function placeOf(folder: string, start: Start): Promise<Place | undefined> {
  const segments = segmentsIn(folder)
  const oldest = segments[0]
  if (!oldest) return undefined
  const dropped = oldest.start > 0
  if (start === 'oldest') return { segment: oldest, begins: always, dropped }
  for (const segment of segments.toReversed()) {
    if (start === 'boot') {
      const on = await lastLine(segment, line => !isArrival(line) && line.power === 'on')
      const same = (line: IndexLine): boolean => JSON.stringify(line) === JSON.stringify(on)
      if (on) return { segment, begins: same, dropped: false }
      continue
    }
    const { sinceMs } = start
    const first = await firstLine(segment)
    const begins = (line: IndexLine): boolean => timeOf(line) >= sinceMs
    if (first && timeOf(first) < sinceMs) return { segment, begins, dropped: false }
    if (segment === oldest) return { segment, begins, dropped }
  }
  return undefined
}

async function firstLine(segment: SegmentFile): Promise<IndexLine | undefined> {
  for await (const line of linesOf(segment)) return line
  return undefined
}

async function lastLine(segment: SegmentFile, matches: (line: IndexLine) => boolean): Promise<IndexLine | undefined> {
  let found: IndexLine | undefined
  for await (const line of linesOf(segment)) if (matches(line)) found = line
  return found
}

async function* linesOf(segment: SegmentFile): AsyncGenerator<IndexLine> {
  const files = await openBoth(segment)
  if (!files) return
  await using _files = files
  const tail = new IndexTail(files.index)
  for (let lines = await tail.next(); lines.length > 0; lines = await tail.next()) yield* lines
}

/** The bytes of a segment, given out in order up to where the index allows. */
class Cursor {
  readonly #data: FileHandle
  readonly #start: number
  /** The newest arrival: the bytes behind it came with it. Before the first, nothing is given out. */
  arrival: Arrival | undefined
  #at = 0
  /** Bytes from `#windowAt` on: arrivals are often a few bytes each. */
  #window = Buffer.alloc(0)
  #windowAt = 0

  constructor(data: FileHandle, start: number) {
    this.#data = data
    this.#start = start
  }

  /** All bytes of the newest arrival before an offset that were not given out yet. */
  async *until(offset: number): AsyncGenerator<Heard> {
    if (!this.arrival) return
    this.#at = Math.max(this.#at, this.arrival[0])
    while (this.#at < offset) {
      if (this.#at >= this.#windowAt + this.#window.length) await this.#read()
      const from = this.#at - this.#windowAt
      const bytes = this.#window.subarray(from, from + Math.min(offset - this.#at, WINDOW_BYTES))
      if (bytes.length === 0) return
      yield { offset: this.#at, atMs: this.arrival[1], bytes }
      this.#at += bytes.length
    }
  }

  async #read(): Promise<void> {
    const buffer = Buffer.allocUnsafe(WINDOW_BYTES)
    const { bytesRead } = await this.#data.read(buffer, 0, buffer.length, this.#at - this.#start)
    this.#window = buffer.subarray(0, bytesRead)
    this.#windowAt = this.#at
  }
}

interface Files extends AsyncDisposable {
  readonly data: FileHandle
  readonly index: FileHandle
}

/** Undefined: the segment was dropped. */
async function openBoth({ dataPath, indexPath }: SegmentFile): Promise<Files | undefined> {
  await using opened = new AsyncDisposableStack()
  try {
    const data = opened.use(await open(dataPath))
    const index = opened.use(await open(indexPath))
    const both = opened.move()
    return { data, index, [Symbol.asyncDispose]: async () => await both.disposeAsync() }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** False: aborted. */
async function pause(clock: Clock, signal: AbortSignal): Promise<boolean> {
  await clock.sleep(POLL_MS, signal).catch(() => {})
  return !signal.aborted
}
