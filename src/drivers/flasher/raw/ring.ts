import { sharedMemory } from './memory.ts'

/** The largest piece of data that is handed over at once. */
export const SLOT_BYTES = 1 << 20
/** How far decoding may be ahead of writing; the whole memory of a flash is about this many slots. */
const SLOTS = 16

/** The threads around a ring make hardly any objects that last: left alone, each would collect 30 MB before it tidies up. */
export const THREAD_LIMITS = { maxYoungGenerationSizeMb: 2 }

/** What is to be done with a piece of an image. */
export type TaskKind = (typeof KINDS)[number]
/**
 * `data`: write what the slot holds. `zeros`: the medium must read as zeros there; the slot holds nothing. `head`: the
 * start of the image, which is kept back and written last; only who checks the image's content looks at it here.
 */
const KINDS = ['data', 'zeros', 'head'] as const

/** A piece of an image on its way from the decoder to those who write and check it. */
export interface Task {
  readonly kind: TaskKind
  readonly offset: number
  readonly length: number
  /** Page-aligned; `SLOT_BYTES` long, the piece at its start. */
  readonly slot: Buffer
  readonly index: number
}

/** Why everything stops before the end. Who stops first says it. */
export type StopReason = (typeof REASONS)[number]
const REASONS = ['none', 'aborted', 'source', 'medium', 'content'] as const

/** Where a flash is: `before` the medium is opened, at the `medium` without a ring, or `decoding` into the ring. */
export type FlashPlace = (typeof PLACES)[number]
const PLACES = ['before', 'medium', 'decoding'] as const

/** The memory behind a ring, as it is handed to another thread. */
export interface RingMemory {
  readonly slots: SharedArrayBuffer
  readonly words: SharedArrayBuffer
  readonly places: SharedArrayBuffer
  readonly checked: boolean
}

// Places in `words`; behind them, for each slot, how many have yet to let go of it.
/** How many tasks there were; at the end -1 minus that, in the same word, so that no waiter can miss the end. */
const PUBLISHED = 0
const TAKEN = 1
const STOPPED = 2
/** Where the flash is, and how many steps it took. */
const AT = 3
const STEPS = 4
const PENDING = 5

/** Waiters look up this often, should a wake-up be lost to a thread that died. */
const RECHECK_MS = 200

/** Thrown to whoever works on a ring that was stopped. */
export class Stopped extends Error {}

/**
 * A ring of slots between one decoder, several writers that share the tasks among them, and optionally one checker who
 * sees all of them in order. Threads block while they wait: each has nothing else to do.
 */
export class Ring {
  readonly memory: RingMemory
  readonly #words: Int32Array
  /** Of each slot: kind, offset, length. */
  readonly #places: Float64Array
  readonly #slots: readonly Buffer[]
  #next = 0

  constructor(memory: RingMemory) {
    this.memory = memory
    this.#words = new Int32Array(memory.words)
    this.#places = new Float64Array(memory.places)
    this.#slots = Array.from({ length: SLOTS }, (_, n) => Buffer.from(memory.slots, n * SLOT_BYTES, SLOT_BYTES))
  }

  /** `checked`: there will be a checker, and no slot is used again before it is done with it. */
  static create(checked: boolean): Ring {
    const words = new SharedArrayBuffer((PENDING + SLOTS) * Int32Array.BYTES_PER_ELEMENT)
    const places = new SharedArrayBuffer(3 * SLOTS * Float64Array.BYTES_PER_ELEMENT)
    return new Ring({ slots: sharedMemory(SLOTS * SLOT_BYTES), words, places, checked })
  }

  /** The flash's: it begins a step. Who watches it sees that it lives. */
  step(at: FlashPlace): void {
    Atomics.store(this.#words, AT, PLACES.indexOf(at))
    Atomics.add(this.#words, STEPS, 1)
  }

  /** The decoder's: the slot that will be published next, once all are done with what it held. */
  room(): Buffer {
    const slot = this.#next % SLOTS
    this.#waitWhile(PENDING + slot, pending => pending > 0)
    return this.#slots[slot]!
  }

  /** The decoder's: hands over the slot it filled. */
  publish(kind: TaskKind, offset: number, length: number): void {
    this.room()
    const slot = this.#next % SLOTS
    this.#places.set([KINDS.indexOf(kind), offset, length], slot * 3)
    Atomics.store(this.#words, PENDING + slot, this.memory.checked ? 2 : 1)
    this.#next += 1
    this.#set(PUBLISHED, this.#next)
  }

  /** The decoder's: nothing more will come. */
  end(): void {
    this.#set(PUBLISHED, -1 - this.#next)
  }

  /** A writer's: the next task that no other writer has; undefined at the end. */
  take(): Task | undefined {
    return this.#task(Atomics.add(this.#words, TAKEN, 1))
  }

  /** The checker's: the next task in order; undefined at the end. */
  next(): Task | undefined {
    return this.#task(this.#next++)
  }

  /** Lets go of a task's slot. */
  release({ index }: Task): void {
    const word = PENDING + (index % SLOTS)
    Atomics.sub(this.#words, word, 1)
    Atomics.notify(this.#words, word)
  }

  /** Makes everybody stop. The first reason stays. */
  stop(reason: Exclude<StopReason, 'none'>): void {
    stopRing(this.memory, reason)
  }

  get stopped(): StopReason {
    return REASONS[Atomics.load(this.#words, STOPPED)] ?? 'none'
  }

  #task(index: number): Task | undefined {
    const published = this.#waitWhile(PUBLISHED, count => count >= 0 && count <= index)
    if (published < 0 && index >= -1 - published) return undefined
    const slot = index % SLOTS
    const [kind, offset, length] = this.#places.subarray(slot * 3, slot * 3 + 3)
    return { kind: KINDS[kind!]!, offset: offset!, length: length!, slot: this.#slots[slot]!, index }
  }

  #waitWhile(word: number, mustWait: (value: number) => boolean): number {
    for (;;) {
      if (this.stopped !== 'none') throw new Stopped()
      const value = Atomics.load(this.#words, word)
      if (!mustWait(value)) return value
      Atomics.wait(this.#words, word, value, RECHECK_MS)
    }
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, word, value)
    Atomics.notify(this.#words, word)
  }
}

/** What can be seen of a flash from outside: where it is, marks that change when anything moves, and that a task waits. */
export function lifeOf({ words }: Pick<RingMemory, 'words'>): { at: FlashPlace; marks: string; isGiven: boolean } {
  const all = new Int32Array(words)
  const isGiven = all.subarray(PENDING).some(pending => pending > 0)
  return { at: PLACES[Atomics.load(all, AT)] ?? 'before', marks: all.join(), isGiven }
}

/** Stops a ring from a thread that does not work on it. */
export function stopRing({ words }: Pick<RingMemory, 'words'>, reason: Exclude<StopReason, 'none'>): void {
  const all = new Int32Array(words)
  Atomics.compareExchange(all, STOPPED, 0, REASONS.indexOf(reason))
  for (let word = 0; word < all.length; word++) Atomics.notify(all, word)
}
