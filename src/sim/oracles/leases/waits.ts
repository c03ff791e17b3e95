import { heldIn } from '../../../model/lease/evolve.ts'
import type { Book, Rules } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** One wish, from when it was queued. */
interface Wait {
  readonly purpose: string
  readonly priority: number
  readonly queuedMs: number
  /** All boards stood still so long, by no fault of the queue's, until it was queued. */
  readonly idleMs: number
  grantedMs: number | undefined
  endedMs: number | undefined
}

/** Somebody who waits for an answer. */
interface Asking {
  readonly hears: () => boolean
  /** How long they could have heard that they have their boards. */
  untoldMs: number
}

/** What opening, parking and telling may add to each lease that one waits for. */
const TURNOVER_MS = 5000
/** So long boards may be free with somebody waiting for them. */
const IDLE_LIMIT_MS = 5000
/** So long somebody who has boards and could hear of it may not know it: a lost connection that nobody noticed included. */
const UNTOLD_LIMIT_MS = 100_000
const TOP_PRIORITY = 9

/**
 * Nobody starves: a wait is no longer than all together that can come before it, and that is only who asked before it counts
 * as much as the most urgent. Nobody waits for what is free, and whoever has boards is told.
 */
export class Waits {
  readonly #rules: Rules
  readonly #complain: Complain
  readonly #waits = new Map<string, Wait>()
  readonly #over: Wait[] = []
  /** Whoever waits for an answer, by what they say it is for. */
  readonly #asking = new Map<string, Asking>()
  #freeSinceMs: number | undefined
  #idleMs = 0
  #lookedMs = 0

  constructor(rules: Rules, complain: Complain) {
    this.#rules = rules
    this.#complain = complain
  }

  /** Somebody asks and waits for the answer, until disposed. `hears`: whether they would hear it now. */
  asks(purpose: string, hears: () => boolean): Disposable {
    this.#asking.set(purpose, { hears, untoldMs: 0 })
    return { [Symbol.dispose]: () => void this.#asking.delete(purpose) }
  }

  /** The book changed. */
  changed(book: Book, atMs: number): void {
    const { held, queue } = book
    for (const [id, wait] of this.#waits)
      if (![...queue, ...held].some(one => one.id === id)) {
        // It may come again, under the same name, and is then as new.
        wait.endedMs = atMs
        this.#over.push(wait)
        this.#waits.delete(id)
      }
    for (const { id, purpose, priority } of [...queue, ...held]) {
      const known = this.#waits.get(id)
      const begun = { purpose, priority, queuedMs: atMs, idleMs: this.#idleMs }
      const wait = known ?? { ...begun, grantedMs: undefined, endedMs: undefined }
      this.#waits.set(id, wait)
      if (!heldIn(book, id) || wait.grantedMs !== undefined) continue
      wait.grantedMs = atMs
      this.#bounded(wait, atMs)
    }
  }

  /** Time has passed. `works`: an agent is at work, and its disk too. */
  look(book: Book, atMs: number, works: boolean): void {
    const passedMs = atMs - this.#lookedMs
    this.#lookedMs = atMs
    const boards = Object.values(book.boards)
    if (!works || boards.some(({ withheld }) => withheld !== null)) this.#idleMs += passedMs
    if (works) this.#untold(book, passedMs)
    const isFree =
      works && book.queue.length > 0 && book.held.length === 0 && boards.every(({ withheld }) => withheld === null)
    this.#freeSinceMs = isFree ? (this.#freeSinceMs ?? atMs) : undefined
    if (this.#freeSinceMs === undefined || atMs - this.#freeSinceMs < IDLE_LIMIT_MS) return
    this.#freeSinceMs = Infinity
    const who = book.queue.map(({ purpose }) => purpose).join(', ')
    this.#complain('waits', `${who} wait though all boards are free: nobody can ever go on`)
  }

  #untold(book: Book, passedMs: number): void {
    for (const { purpose } of book.held) {
      const found = [...this.#asking].find(([name]) => purpose.endsWith(name))
      if (!found) continue
      const [name, asking] = found
      if (asking.hears()) asking.untoldMs += passedMs
      if (asking.untoldMs < UNTOLD_LIMIT_MS) continue
      this.#asking.delete(name)
      this.#complain('waits', `${name} has its boards for ${UNTOLD_LIMIT_MS / 1000} s, waits for them, and is not told`)
    }
  }

  #bounded(wait: Wait, atMs: number): void {
    const waitedMs = atMs - wait.queuedMs
    const lastMs = wait.queuedMs + (TOP_PRIORITY + 2 - wait.priority) * this.#rules.ageStepMs
    let boundMs = TURNOVER_MS + this.#idleMs - wait.idleMs
    for (const other of [...this.#over, ...this.#waits.values()]) {
      if (other === wait || other.grantedMs === undefined || other.queuedMs > lastMs) continue
      const fromMs = Math.max(other.grantedMs, wait.queuedMs)
      boundMs += TURNOVER_MS + Math.max(0, (other.endedMs ?? atMs) - fromMs)
    }
    if (waitedMs > boundMs)
      this.#complain(
        'waits',
        `${wait.purpose} waited ${Math.round(waitedMs)} ms; all who may come before it took ${Math.round(boundMs)} ms`,
      )
  }
}
