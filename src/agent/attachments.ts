/**
 * Who is connected under which lease or wish: what is tied to its connections ends with the last of them.
 *
 * Kept by connection, and as lists: an index by lease, each of which is new, would leave V8 a trail that only a whole collection takes
 * back, and so would a set, whose table is another each time that its last is taken out. Connections are few, and so is what each has.
 */
export class Attachments {
  readonly #ids = new Map<AbortSignal, string[]>()
  readonly #onLast: (id: string) => void

  constructor(onLast: (id: string) => void) {
    this.#onLast = onLast
  }

  get ids(): string[] {
    return [...new Set(this.#ids.values().flatMap(ids => ids))]
  }

  has(id: string): boolean {
    for (const ids of this.#ids.values()) if (ids.includes(id)) return true
    return false
  }

  /** Counts a connection under an id until it ends. */
  attach(id: string, gone: AbortSignal): void {
    if (gone.aborted) {
      if (!this.has(id)) this.#onLast(id)
      return
    }
    const ids = this.#idsOf(gone)
    if (!ids.includes(id)) ids.push(id)
  }

  /** Nobody is counted under an id any more. */
  forget(id: string): void {
    for (const ids of this.#ids.values()) {
      const at = ids.indexOf(id)
      if (at >= 0) ids.splice(at, 1)
    }
  }

  #idsOf(gone: AbortSignal): string[] {
    const known = this.#ids.get(gone)
    if (known) return known
    const ids: string[] = []
    this.#ids.set(gone, ids)
    const end = (): void => {
      this.#ids.delete(gone)
      for (const id of ids) if (!this.has(id)) this.#onLast(id)
    }
    gone.addEventListener('abort', end, { once: true })
    return ids
  }
}
