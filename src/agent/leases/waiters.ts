import type { Held } from '../../model/lease/words.ts'

interface Waiter extends PromiseWithResolvers<Held> {
  readonly id: string
}

/**
 * Who waits to be told that they have what they asked for.
 *
 * A list, though it is asked by id: a map whose keys are always new ones keeps all who ever waited, until V8 collects everything.
 */
export class Waiters {
  readonly #all: Waiter[] = []

  /** Whoever waits under an id already is joined. */
  join(id: string): Promise<Held> {
    const known = this.#all.find(waiter => waiter.id === id)
    if (known) return known.promise
    const waiter = { id, ...Promise.withResolvers<Held>() }
    // Whoever asked may have gone.
    waiter.promise.catch(() => undefined)
    this.#all.push(waiter)
    return waiter.promise
  }

  /** Takes who waits under an id off the list. */
  take(id: string): PromiseWithResolvers<Held> | undefined {
    const index = this.#all.findIndex(waiter => waiter.id === id)
    return index < 0 ? undefined : this.#all.splice(index, 1)[0]
  }
}
