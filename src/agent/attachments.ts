/** Who is connected under which lease or wish: what is tied to its connections ends with the last of them. */
export class Attachments {
  readonly #connections = new Map<string, Set<AbortSignal>>()
  /** The same the other way round. A connection that lives for weeks has thousands of leases, one after the other. */
  readonly #ids = new Map<AbortSignal, Set<string>>()
  readonly #onLast: (id: string) => void

  constructor(onLast: (id: string) => void) {
    this.#onLast = onLast
  }

  get ids(): string[] {
    return [...this.#connections.keys()]
  }

  has(id: string): boolean {
    return this.#connections.has(id)
  }

  /** Counts a connection under an id until it ends. */
  attach(id: string, gone: AbortSignal): void {
    const connections = this.#connections.get(id) ?? new Set()
    this.#connections.set(id, connections.add(gone))
    if (gone.aborted) this.#leave(id, gone)
    else this.#idsOf(gone).add(id)
  }

  /** Nobody is counted under an id any more. */
  forget(id: string): void {
    for (const gone of this.#connections.get(id) ?? []) this.#ids.get(gone)?.delete(id)
    this.#connections.delete(id)
  }

  #idsOf(gone: AbortSignal): Set<string> {
    const known = this.#ids.get(gone)
    if (known) return known
    const ids = new Set<string>()
    this.#ids.set(gone, ids)
    const end = (): void => {
      this.#ids.delete(gone)
      for (const id of ids) this.#leave(id, gone)
    }
    gone.addEventListener('abort', end, { once: true })
    return ids
  }

  #leave(id: string, gone: AbortSignal): void {
    const connections = this.#connections.get(id)
    connections?.delete(gone)
    if (connections?.size !== 0) return
    this.#connections.delete(id)
    this.#onLast(id)
  }
}
