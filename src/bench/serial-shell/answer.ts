import { PART_SIZES, WINDOW_BYTES } from './prelude.ts'
import type { Frame, StreamFacts, StreamName } from './frame.ts'
import { Cksum } from './hash.ts'
import type { Exchange } from './conversation.ts'

/** Takes what a command said, in order, as soon as it is proven. */
export type Deliver = (stream: StreamName, bytes: Buffer) => void

/** What an answer has to do with its line. */
export interface LineFacts {
  /** Characters that what is typed may have without being cut. */
  readonly lineChars: number
  /** Tells that something of what was sent was damaged. */
  damaged(): void
}

/** So many questions in a row that bring nothing new are too many. */
const MAX_IDLE_ROUNDS = 24

/** How large the parts of an answer are asked for: smaller on a line that damages many of them. */
export class PartSize {
  #index = 0
  #clean = 0

  get bytes(): number {
    return PART_SIZES[this.#index]!
  }

  /** Learns from how many of some parts that were asked for came. */
  learn(asked: number, got: number): void {
    if (asked === 0) return
    this.#clean = got >= asked ? this.#clean + 1 : 0
    if (got * 4 < asked * 3) this.#index = Math.min(this.#index + 1, PART_SIZES.length - 1)
    else if (this.#clean > 16) this.#index = Math.max(0, this.#index - 1)
  }
}

/**
 * Puts the frames of one command's answer together, in order, and asks for what is missing and nothing else.
 *
 * Holds at most a window beyond what was delivered, however long the answer is.
 */
export class AnswerAssembly implements Exchange {
  readonly runs = true
  /** Frames of a smaller id belong to earlier commands. */
  #firstId = 0
  readonly #deliver: Deliver
  readonly #partSize: PartSize
  readonly #line: LineFacts
  #id: number | undefined
  #status: number | undefined
  #streams: Record<StreamName, StreamAssembly> | undefined
  #refusal: 'unsendable' | 'unwritable' | undefined
  #idleRounds = 0
  #news = false
  #asked = 0
  #got = 0

  constructor(deliver: Deliver, partSize: PartSize, line: LineFacts) {
    this.#deliver = deliver
    this.#partSize = partSize
    this.#line = line
  }

  /** Whether a command that the board names is this one. */
  isOf(ran: number): boolean {
    return ran >= this.#firstId
  }

  /** Something of the answer came: the command has ended, however much of it is still missing. */
  get begun(): boolean {
    return this.#id !== undefined
  }

  /** Why the board has no answer: nothing to encode it with, or nowhere to keep it. */
  get refusal(): 'unsendable' | 'unwritable' | undefined {
    return this.#refusal
  }

  /** What was delivered is what the board took the CRC of. */
  get proven(): boolean {
    return this.#streams === undefined || (this.#streams.o.proven && this.#streams.e.proven)
  }

  get exitCode(): number {
    return (this.#status ?? 0) % INTERRUPTED
  }

  /** An interrupt reached the board while the command ran. */
  get interrupted(): boolean {
    return (this.#status ?? 0) >= INTERRUPTED
  }

  begins(first: number): void {
    this.#firstId = first
  }

  take(frame: Frame): boolean {
    if (!('id' in frame) || frame.id !== (this.#id ?? Math.max(frame.id, this.#firstId))) return false
    this.#id = frame.id
    switch (frame.kind) {
      case 'whole':
        if (this.#streams) return false
        this.#status = frame.status
        for (const name of ['o', 'e'] as const) if (frame[name].length > 0) this.#deliver(name, frame[name])
        return true
      case 'head':
        this.#begin(frame)
        break
      case 'part':
        if (this.#streams?.[frame.stream].take(frame.offset, frame.bytes, frame.proven)) {
          this.#news = true
          this.#got++
        }
        break
      case 'unsendable':
      case 'unwritable':
        this.#refusal = frame.kind
        return true
      case 'sent':
      default:
        break
    }
    return this.#streams !== undefined && this.#streams.o.complete && this.#streams.e.complete
  }

  ask(): string | undefined {
    this.#idleRounds = this.#news ? 0 : this.#idleRounds + 1
    if (this.#idleRounds > MAX_IDLE_ROUNDS) return undefined
    this.#news = false
    if (!this.#streams) {
      this.#line.damaged()
      return '_ha h'
    }
    if (this.#got < this.#asked) this.#line.damaged()
    this.#partSize.learn(this.#asked, this.#got)
    this.#asked = 0
    this.#got = 0
    const size = this.#partSize.bytes
    const name = this.#streams.o.complete ? 'e' : 'o'
    let text = ''
    for (const { first, count } of this.#streams[name].missing(size)) {
      const call = `_hg ${name} ${size} ${first} ${count};`
      if (text !== '' && text.length + call.length > this.#line.lineChars - CLOSING.length) break
      text += call
      this.#asked += count
    }
    return text + CLOSING
  }

  #begin(head: Extract<Frame, { kind: 'head' }>): void {
    if (this.#streams) return
    this.#news = true
    this.#status = head.status
    const assembly = (name: StreamName): StreamAssembly =>
      new StreamAssembly(
        head[name],
        bytes => this.#deliver(name, bytes),
        () => this.#line.damaged(),
      )
    this.#streams = { o: assembly('o'), e: assembly('e') }
    const first = ({ size }: StreamFacts): number => Math.ceil(Math.min(size, WINDOW_BYTES) / this.#partSize.bytes)
    this.#asked = first(head.o) + first(head.e)
  }
}

/** What the board adds to an exit code when an interrupt came. */
const INTERRUPTED = 1000
const CLOSING = '_hz'

/** One output: delivered in order, with at most a window kept beyond what is missing. */
class StreamAssembly {
  readonly #facts: StreamFacts
  readonly #deliver: (bytes: Buffer) => void
  readonly #onDamage: () => void
  readonly #cksum = new Cksum()
  readonly #ahead = new Map<number, { bytes: Buffer; proven: boolean }>()
  #front = 0

  constructor(facts: StreamFacts, deliver: (bytes: Buffer) => void, onDamage: () => void) {
    this.#facts = facts
    this.#deliver = deliver
    this.#onDamage = onDamage
  }

  get complete(): boolean {
    return this.#front >= this.#facts.size
  }

  /** The CRC of what was delivered fits the one the board took of the whole. */
  get proven(): boolean {
    return this.#facts.crc === undefined || this.#facts.crc === this.#cksum.value
  }

  /** Whether it was new. */
  take(offset: number, bytes: Buffer, proven: boolean): boolean {
    const known = this.#ahead.get(offset)
    if (offset + bytes.length <= this.#front || offset >= this.#front + 2 * WINDOW_BYTES) return false
    if (known && (known.proven || !proven) && bytes.length <= known.bytes.length) return false
    this.#ahead.set(offset, { bytes, proven })
    this.#advance()
    this.#proveAll()
    return true
  }

  /** Parts without a check of their own are proven by the CRC of the whole, once all are there. */
  #proveAll(): void {
    if (this.complete || [...this.#ahead.values()].every(({ proven }) => proven)) return
    const cksum = this.#cksum.clone()
    let end = this.#front
    for (const [offset, { bytes }] of [...this.#ahead].sort(([a], [b]) => a - b)) {
      if (offset > end) return
      const fresh = bytes.subarray(end - offset, Math.max(end, this.#facts.size) - offset)
      cksum.update(fresh)
      end += fresh.length
    }
    if (end < this.#facts.size) return
    const fits = cksum.value === this.#facts.crc
    if (!fits) this.#onDamage()
    for (const [offset, part] of this.#ahead)
      if (fits) part.proven = true
      else if (!part.proven) this.#ahead.delete(offset)
    this.#advance()
  }

  /** The parts of a size that are missing of the next window. */
  missing(size: number): { first: number; count: number }[] {
    const end = Math.min(this.#facts.size, this.#front + WINDOW_BYTES)
    const gaps: { first: number; count: number }[] = []
    const known = [...this.#ahead].map(([from, { bytes }]) => ({ from, to: from + bytes.length }))
    let covered = this.#front
    for (const { from, to } of [...known.sort((a, b) => a.from - b.from), { from: end, to: end }]) {
      const until = Math.min(from, end)
      if (until > covered) {
        const first = Math.floor(covered / size)
        gaps.push({ first, count: Math.ceil(until / size) - first })
      }
      covered = Math.max(covered, to)
    }
    return gaps
  }

  #advance(): void {
    for (let moved = true; moved;) {
      moved = false
      for (const [offset, { bytes, proven }] of this.#ahead) {
        if (!proven || offset > this.#front) continue
        this.#ahead.delete(offset)
        // A program that stayed behind may have made the last part longer since its size was told.
        const fresh = bytes.subarray(this.#front - offset, this.#facts.size - offset)
        if (fresh.length === 0) continue
        this.#front += fresh.length
        this.#cksum.update(fresh)
        this.#deliver(Buffer.from(fresh))
        moved = true
      }
    }
  }
}
