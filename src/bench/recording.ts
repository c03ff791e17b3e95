import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { diskFault } from '../base/disk.ts'
import type { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'

const BLOCK_BYTES = 64 << 10
const MAX_BLOCKS = 128
const FLUSH_MS = 20

/** Called after bytes were appended; `end` is the offset behind them. Must not throw and must not wait. */
export type AppendListener = (chunk: Buffer, end: number) => void

/**
 * Everything a console said, from before power-on until it is disposed: bytes at absolute offsets with arrival times.
 *
 * Reading consumes nothing, so any number of readers look at once. On disk: `<path>` holds the bytes, `<path>.idx` one
 * JSON line per chunk `[offset, epochMs]` or per gap `{"gap": reason, …}`. The newest 8 MiB also stay in memory.
 * Errors: a disk that takes no more is told once to `onFault`; the memory goes on recording.
 */
export class Recording implements Disposable {
  readonly #clock: Clock
  readonly #onFault: (fault: Fault) => void
  readonly #data: number | undefined
  readonly #index: number | undefined
  readonly #listeners = new Set<AppendListener>()
  /** The newest bytes, in blocks of one size: a console arrives in crumbs of a few bytes. */
  readonly #blocks: Buffer[] = []
  /** Offset of the first byte still in memory, a multiple of the block size. */
  #start = 0
  #end = 0
  #unwritten: Buffer[] = []
  #unindexed: string[] = []
  #flushTimer: NodeJS.Timeout | undefined
  #broken = false
  #lastGap: { readonly offset: number; readonly reason: string } | undefined

  constructor(path: string | undefined, clock: Clock, onFault: (fault: Fault) => void) {
    this.#clock = clock
    this.#onFault = onFault
    if (path === undefined) return
    mkdirSync(dirname(path), { recursive: true })
    this.#data = openSync(path, 'w+')
    this.#index = openSync(`${path}.idx`, 'w')
  }

  /** The offset behind the last byte. */
  get end(): number {
    return this.#end
  }

  append(bytes: Uint8Array): void {
    const chunk = Buffer.from(bytes)
    this.#unindexed.push(`[${this.#end},${this.#clock.nowMs()}]\n`)
    this.#remember(chunk)
    this.#end += chunk.length
    if (this.#data !== undefined) this.#unwritten.push(chunk)
    this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS)
    for (const listener of this.#listeners) listener(chunk, this.#end)
  }

  /** Declares that bytes may be missing at the present offset. */
  gap(reason: string): void {
    this.#lastGap = { offset: this.#end, reason }
    this.#unindexed.push(`${JSON.stringify({ gap: reason, offset: this.#end, atMs: this.#clock.nowMs() })}\n`)
    this.flush()
  }

  /** Why bytes at or behind an offset may be missing; undefined when none are. */
  gapSince(from: number): string | undefined {
    return this.#lastGap && this.#lastGap.offset >= from ? this.#lastGap.reason : undefined
  }

  /** Bytes [from, to), from memory or, where they are older, from disk. */
  slice(from: number, to: number = this.#end): Buffer {
    const low = Math.max(0, Math.min(from, this.#end))
    const high = Math.max(low, Math.min(to, this.#end))
    if (low >= this.#start) return this.#fromMemory(low, high)
    if (this.#data === undefined || this.#broken)
      return this.#fromMemory(Math.max(low, this.#start), Math.max(high, this.#start))
    this.flush()
    const bytes = Buffer.alloc(high - low)
    const length = readSync(this.#data, bytes, 0, bytes.length, low)
    return bytes.subarray(0, length)
  }

  /** Calls `listener` on every append from now on, until the returned handle is disposed. */
  follow(listener: AppendListener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) }
  }

  /** Hands what is waiting to the kernel: a later kill of this process cannot lose it. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    const bytes = Buffer.concat(this.#unwritten)
    const lines = this.#unindexed.join('')
    this.#unwritten = []
    this.#unindexed = []
    if (this.#data === undefined || this.#index === undefined || this.#broken) return
    try {
      writeFully(this.#data, bytes)
      writeFully(this.#index, Buffer.from(lines))
    } catch (cause) {
      this.#broken = true
      this.#onFault(diskFault(cause))
    }
  }

  [Symbol.dispose](): void {
    this.flush()
    this.#listeners.clear()
    if (this.#data !== undefined) closeSync(this.#data)
    if (this.#index !== undefined) closeSync(this.#index)
  }

  #remember(chunk: Buffer): void {
    for (let done = 0; done < chunk.length;) {
      const at = (this.#end + done) % BLOCK_BYTES
      if (at === 0) this.#blocks.push(Buffer.allocUnsafe(BLOCK_BYTES))
      done += chunk.copy(this.#blocks.at(-1)!, at, done)
    }
    while (this.#blocks.length > MAX_BLOCKS) {
      this.#blocks.shift()
      this.#start += BLOCK_BYTES
    }
  }

  /** A copy: a block may be gone, or have grown, before the caller is done with it. */
  #fromMemory(from: number, to: number): Buffer {
    const bytes = Buffer.allocUnsafe(to - from)
    for (let done = 0; done < bytes.length;) {
      const at = from + done - this.#start
      const block = this.#blocks[Math.floor(at / BLOCK_BYTES)]!
      done += block.copy(bytes, done, at % BLOCK_BYTES, Math.min(BLOCK_BYTES, (at % BLOCK_BYTES) + bytes.length - done))
    }
    return bytes
  }
}

function writeFully(fd: number, bytes: Buffer): void {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done)
}
