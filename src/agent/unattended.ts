import type { Clock } from '../base/time.ts'
import type { Attachments } from './attachments.ts'
import type { LeaseDesk } from './leases/desk.ts'

/** How long a waiter without a connection keeps its place: longer than it takes one to notice that its connection is dead. */
const GRACE_MS = 75_000

/** Wishes whose callers are gone, and leases given for them: nobody waits for ever, or has a board, who never hears of it. */
export class Unattended implements Disposable {
  readonly #clock: Clock
  readonly #desk: LeaseDesk
  readonly #attachments: Attachments
  readonly #timers = new Set<Disposable>()
  /** Leases that were given while nobody was connected for them, and that nobody has asked about since. */
  readonly #unheard = new Set<string>()

  constructor(clock: Clock, desk: LeaseDesk, attachments: Attachments) {
    this.#clock = clock
    this.#desk = desk
    this.#attachments = attachments
  }

  /** Nobody is connected for a wish: it is withdrawn unless somebody is again in time. */
  left(id: string): void {
    const timer = this.#clock.after(GRACE_MS, () => {
      this.#timers.delete(timer)
      if (this.#attachments.has(id)) return
      const waits = this.#desk.book.queue.some(waiter => waiter.id === id)
      if (waits || this.#unheard.has(id)) this.#desk.release(id).catch(() => undefined)
    })
    this.#timers.add(timer)
  }

  granted(id: string): void {
    if (this.#attachments.has(id)) return
    this.#unheard.add(id)
    this.left(id)
  }

  /** Whoever asked for a lease has been told that it is theirs, or it is over. */
  forget(id: string): void {
    this.#unheard.delete(id)
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) timer[Symbol.dispose]()
  }
}
