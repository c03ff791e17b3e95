import { diskFault } from '../base/disk.ts'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import { AppendFile, type OpenFile } from './recording/append-file.ts'
import { Flusher } from './recording/flusher.ts'
import type { Mark } from './recording/index-line.ts'
import { Memory } from './recording/memory.ts'
import { RunCopy } from './recording/run-copy.ts'
import { Segments, type SegmentLimits } from './recording/segments.ts'

/**
 * Called after bytes were appended; `end` is the offset behind them. Must not throw and must not wait: whoever needs
 * time remembers an offset and pulls with `slice` when it suits.
 */
export type AppendListener = (chunk: Buffer, end: number) => void

/** Where a recording is kept. */
export interface RecordingPlace {
  /** The board's own folder: segments of its whole life; see `recording/segments.ts`. */
  readonly folder?: string
  /** The number of the lease under which it is recorded. */
  readonly epoch: number
  /** Without a folder: the offset of the first byte, of a recording that is kept elsewhere. */
  readonly begin?: number
  /** A file for what is said from now on, with `<path>.idx` beside it; see `recording/run-copy.ts`. */
  readonly copyPath?: string
  readonly limits?: SegmentLimits
  /** Opens its files. Default: as files of this host. */
  readonly openFile?: OpenFile
}

/**
 * Everything a console says, from before power-on until it is disposed: bytes at absolute offsets with arrival times.
 *
 * A board has one recording for life: a new one goes on behind the last, no offset ever means two bytes. Reading consumes
 * nothing, so any number of readers look at once. The newest 8 MiB are in memory, and up to 64 MiB that wait for a disk
 * that hangs; usually what is on the disk is 20 ms behind, and survives a kill of this process.
 * Errors: a disk that takes no more is told once to `onFault`; the memory goes on recording.
 */
export class Recording implements Disposable, AsyncDisposable {
  /** The offset at which this process began to record; what is older is read by `hil log`. */
  readonly begin: number
  readonly clock: Clock
  readonly #memory: Memory
  readonly #segments: Segments | undefined
  readonly #flushers: readonly Flusher[]
  readonly #epoch: number
  readonly #listeners = new Set<AppendListener>()
  #lastGap: { readonly offset: number; readonly reason: string } | undefined

  /** `place` undefined: in memory only. Errors: a folder that cannot be written to. */
  constructor(place: RecordingPlace | undefined, clock: Clock, onFault: (fault: Fault) => void) {
    this.clock = clock
    this.#epoch = place?.epoch ?? 0
    try {
      const openFile = place?.openFile ?? ((path, how) => new AppendFile(path, how))
      this.#segments =
        place?.folder === undefined ? undefined : new Segments(place.folder, place.epoch, place.limits, openFile)
      this.begin = this.#segments?.begin ?? place?.begin ?? 0
      this.#memory = new Memory(this.begin, () => Math.min(...this.#flushers.map(({ neededFrom }) => neededFrom)))
      const copy = place?.copyPath === undefined ? undefined : new RunCopy(place.copyPath, this.begin, openFile)
      let told = false
      const onError = (cause: unknown): void => {
        if (!told) onFault(diskFault(cause))
        told = true
      }
      const targets = [this.#segments, copy].filter(target => target !== undefined)
      this.#flushers = targets.map(target => new Flusher(this.#memory, target, onError, clock))
    } catch (cause) {
      throw diskFault(cause)
    }
    this.#mark({ opened: this.#epoch })
    if (this.#segments?.gap !== undefined) this.#mark({ gap: this.#segments.gap })
  }

  /** The offset behind the last byte. */
  get end(): number {
    return this.#memory.end
  }

  /** Where what is appended next may be put beforehand, which spares a copy; good until something is appended. */
  room(): Buffer {
    return this.#memory.room()
  }

  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const offset = this.#memory.end
    this.#memory.append(bytes)
    const atMs = this.clock.nowMs()
    for (const flusher of this.#flushers) flusher.arrived(offset, atMs)
    if (this.#listeners.size === 0) return
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    for (const listener of this.#listeners) listener(chunk, this.#memory.end)
  }

  /** Declares that bytes may be missing at the present offset. */
  gap(reason: string): void {
    this.#lastGap = { offset: this.end, reason }
    this.#mark({ gap: reason })
  }

  /** Notes that the board is about to get power. */
  poweredOn(): void {
    this.#mark({ power: 'on' })
  }

  /** Why bytes at or behind an offset may be missing; undefined when none are. */
  gapSince(from: number): string | undefined {
    return this.#lastGap && this.#lastGap.offset >= from ? this.#lastGap.reason : undefined
  }

  /**
   * A copy of the bytes [from, to) of what this process recorded, from memory or, where they are older, from disk.
   *
   * Errors: `infrastructure/recording-dropped` for bytes that nobody has any more, and never others in their place.
   */
  slice(from: number, to: number = this.end): Buffer {
    const low = Math.max(this.begin, Math.min(from, this.end))
    const high = Math.max(low, Math.min(to, this.end))
    const { begin } = this.#memory
    if (low >= begin || low === high) return this.#memory.copy(low, high)
    const older = this.#segments?.read(low, Math.min(high, begin))
    if (!older)
      throw new Fault('infrastructure/recording-dropped', {
        expected: `the console from offset ${low} on`,
        seen: `bytes before offset ${begin} are no longer kept, or never reached the disk`,
      })
    return high <= begin ? older : Buffer.concat([older, this.#memory.copy(begin, high)])
  }

  /** Calls `listener` on every append from now on, until the returned handle is disposed. */
  follow(listener: AppendListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Resolves when all that was recorded by now was handed to the kernel: a later kill of this process cannot lose it. */
  async flush(): Promise<void> {
    await Promise.all(this.#flushers.map(async flusher => await flusher.flush()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear()
    this.#mark({ closed: this.#epoch })
    await Promise.all(this.#flushers.map(async flusher => await flusher.close()))
  }

  /** For a recording in memory only; another one is closed some time later. */
  [Symbol.dispose](): void {
    void this[Symbol.asyncDispose]()
  }

  #mark(what: Omit<Mark, 'offset' | 'atMs'>): void {
    const mark = { ...what, offset: this.end, atMs: this.clock.nowMs() }
    for (const flusher of this.#flushers) flusher.mark(mark)
  }
}
