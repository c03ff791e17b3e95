/** Who is connected under which lease or wish: what is tied to its connections ends with the last of them. */
export class Attachments {
  readonly #connections = new Map<string, Set<AbortSignal>>()
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
    if (connections.has(gone)) return
    connections.add(gone)
    this.#connections.set(id, connections)
    const leave = (): void => {
      connections.delete(gone)
      if (connections.size > 0 || this.#connections.get(id) !== connections) return
      this.#connections.delete(id)
      this.#onLast(id)
    }
    if (gone.aborted) leave()
    else gone.addEventListener('abort', leave, { once: true })
  }

  /** Nobody is counted under an id any more. */
  forget(id: string): void {
    this.#connections.delete(id)
  }
}
