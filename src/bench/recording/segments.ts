import { mkdirSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { AppendFile, type OpenFile, type RecordingFile } from './append-file.ts'
import type { Batch, Target } from './flusher.ts'
import { formatIndex, isArrival, offsetOf, timeOf, type IndexLine } from './index-line.ts'
import { MAX_WAITING_BYTES } from './memory.ts'
import { lastIndexLine, readPart, segmentFile, segmentsIn, sizeOf, type SegmentFile } from './segment-files.ts'

/** How much of a board's console is kept. */
export interface SegmentLimits {
  /** A segment that has this much is not written to any more. */
  readonly segmentBytes: number
  /** The oldest segments go when all of them, indexes included, have more. */
  readonly totalBytes: number
}

/** Room for two hours of a line that never rests at 921600 baud, or eight at 115200, where the index is the larger part. */
const LIMITS: SegmentLimits = { segmentBytes: 64 << 20, totalBytes: 1 << 30 }

/**
 * How far behind the last byte on the disk a recording goes on when the one before was killed: further than any offset
 * that was told to somebody and whose byte was lost with the process.
 */
const UNTOLD_BYTES = 2 * MAX_WAITING_BYTES

const openAppendFile: OpenFile = (path, how) => new AppendFile(path, how)

/** A segment that is written to. */
interface Current extends SegmentFile {
  readonly data: RecordingFile
  readonly index: RecordingFile
  dataBytes: number
  indexBytes: number
}

/** The recording of one board for its life: segments in a folder that only the board's holder writes to. */
export class Segments implements Target {
  readonly #folder: string
  readonly #epoch: number
  readonly #limits: SegmentLimits
  readonly #openFile: OpenFile
  #current: Current | undefined
  /** The offset at which this process begins to record. */
  readonly begin: number
  /** Why bytes may be missing before `begin`; undefined: nothing was ever recorded. */
  readonly gap: string | undefined

  /** Goes on behind whatever is in the folder, under the lease `epoch`. Errors: what the system says. */
  constructor(folder: string, epoch: number, limits: SegmentLimits = LIMITS, openFile: OpenFile = openAppendFile) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
    this.#epoch = epoch
    this.#limits = limits
    this.#openFile = openFile
    const last = segmentsIn(folder).at(-1)
    const dataBytes = last ? sizeOf(last.dataPath) : 0
    const dataEnd = last ? last.start + dataBytes : 0
    const tail = last && lastIndexLine(last.indexPath)
    const closed =
      tail?.whole && !isArrival(tail.line) && tail.line.closed !== undefined && tail.line.offset === dataEnd
    // After a crash of the whole host the index may know of bytes that did not get to the disk.
    this.begin = last && !closed ? Math.max(dataEnd, tail ? offsetOf(tail.line) : 0) + UNTOLD_BYTES : dataEnd
    this.gap = last && (closed ? 'nobody recorded' : 'the recording process was killed, and nobody recorded')
    // What a kill tore is left as it is: the next segment begins behind it.
    if (last && closed && dataBytes < limits.segmentBytes)
      this.#current = {
        ...last,
        data: openFile(last.dataPath, 'r+'),
        index: openFile(last.indexPath, 'r+'),
        dataBytes,
        indexBytes: sizeOf(last.indexPath),
      }
  }

  /** Bytes [from, to); undefined when not all of them are here. */
  read(from: number, to: number): Buffer | undefined {
    const parts: Buffer[] = []
    let at = from
    for (const { start, dataPath } of segmentsIn(this.#folder)) {
      if (at >= to) break
      const end = start + sizeOf(dataPath)
      if (at < start || at >= end) continue
      const part = readPart(dataPath, at - start, Math.min(to, end) - at)
      parts.push(part)
      at += part.length
    }
    return at < to ? undefined : Buffer.concat(parts)
  }

  async write({ offset, bytes, lines }: Batch): Promise<void> {
    const { segmentBytes } = this.#limits
    let current = this.#current
    let named = lines
    if (!current || current.start + current.dataBytes !== offset || sizeInAll(current) >= segmentBytes) {
      current = await this.#rotate(offset)
      named = this.#named(lines, offset)
    }
    await current.data.write(bytes, current.dataBytes)
    current.dataBytes += bytes.reduce((sum, { length }) => sum + length, 0)
    const index = Buffer.from(formatIndex(named))
    await current.index.write([index], current.indexBytes)
    current.indexBytes += index.length
  }

  async close(): Promise<void> {
    await this.#current?.data.close()
    await this.#current?.index.close()
    this.#current = undefined
  }

  /** The first lines of a segment: they name the lease, since nothing older may be left that does. */
  #named(lines: readonly IndexLine[], offset: number): readonly IndexLine[] {
    const [first] = lines
    if (first && !isArrival(first) && first.opened !== undefined) return lines
    const atMs = timeOf(first ?? [offset, 0])
    return [{ epoch: this.#epoch, offset, atMs }, ...lines]
  }

  /** Begins a new segment, and drops the oldest ones where there are too many. */
  async #rotate(start: number): Promise<Current> {
    await this.close()
    const file = segmentFile(this.#folder, start)
    const data = this.#openFile(file.dataPath, 'w')
    this.#current = { ...file, data, index: this.#openFile(file.indexPath, 'w'), dataBytes: 0, indexBytes: 0 }
    const older = segmentsIn(this.#folder).filter(segment => segment.start < start)
    const sizes = older.map(({ dataPath, indexPath }) => sizeOf(dataPath) + sizeOf(indexPath))
    // The new one is counted as it will be.
    let total = sizes.reduce((sum, size) => sum + size, this.#limits.segmentBytes)
    for (const [n, { dataPath, indexPath }] of older.entries()) {
      if (total <= this.#limits.totalBytes) break
      await unlink(dataPath)
      await unlink(indexPath).catch(() => {})
      total -= sizes[n]!
    }
    return this.#current
  }
}

function sizeInAll({ dataBytes, indexBytes }: Current): number {
  return Math.max(dataBytes, indexBytes)
}
