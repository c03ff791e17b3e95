import type { Clock } from '../../base/time.ts'

/** When the simulated time begins: the wall clock's zero of every seed. */
export const EPOCH_MS = Date.parse('2026-01-01T00:00:00.000Z')

interface Due {
  readonly atMs: number
  readonly number: number
  act: (() => void) | undefined
}

/**
 * Time that passes only when nobody has anything to do: whoever sleeps is woken in the order of their times, one at a time.
 *
 * Between two of them the event loop turns until neither a promise nor a file of this host is under way, so that all that
 * one event leads to has happened before the next: the same events in the same order whatever the host does meanwhile.
 */
export class VirtualTime {
  #nowMs = 0
  #numbers = 0
  readonly #heap: Due[] = []

  get nowMs(): number {
    return this.#nowMs
  }

  /** Calls `act` in `ms`. */
  after(ms: number, act: () => void): Disposable {
    const due: Due = { atMs: this.#nowMs + Math.max(0, ms), number: this.#numbers++, act }
    this.#push(due)
    return { [Symbol.dispose]: () => void (due.act = undefined) }
  }

  /** Lets time pass until `over`, or nobody waits for anything, or so much has passed; which of the three. */
  async pass(over: () => boolean, limitMs: number): Promise<'over' | 'idle' | 'late'> {
    for (;;) {
      await quiet()
      if (over()) return 'over'
      const next = this.#pop()
      if (!next) return 'idle'
      if (next.atMs > limitMs) return 'late'
      this.#nowMs = next.atMs
      next.act?.()
    }
  }

  #push(due: Due): void {
    const heap = this.#heap
    let at = heap.push(due) - 1
    for (let up = (at - 1) >> 1; at > 0 && before(due, heap[up]!); up = (at - 1) >> 1) {
      heap[at] = heap[up]!
      at = up
    }
    heap[at] = due
  }

  /** The next that was not given up. */
  #pop(): Due | undefined {
    const heap = this.#heap
    for (;;) {
      const first = heap[0]
      const last = heap.pop()
      if (!first || !last) return undefined
      if (first !== last) this.#sink(last)
      if (first.act) return first
    }
  }

  #sink(due: Due): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= heap.length) break
      if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down++
      if (!before(heap[down]!, due)) break
      heap[at] = heap[down]!
      at = down
    }
    heap[at] = due
  }
}

function before(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.number < b.number)
}

/** Resolves when neither promises nor files are under way. What sockets bring is not waited for: nothing simulated has one. */
async function quiet(): Promise<void> {
  do await new Promise(resolve => setImmediate(resolve))
  while (process.getActiveResourcesInfo().some(isUnderWay))
}

function isUnderWay(resource: string): boolean {
  return resource.startsWith('FSReq') || resource === 'CloseReq' || resource === 'HashRequest'
}

/** The clock of one simulated process: once that is killed, nothing it waited for comes; while it stands still, later. */
export class ProcessClock implements Clock {
  readonly #time: VirtualTime
  #killed = false
  /** What has come while it stands still, in order; undefined: it does not. */
  #held: (() => void)[] | undefined

  constructor(time: VirtualTime) {
    this.#time = time
  }

  /** Whether it stands still now. */
  get isStill(): boolean {
    return this.#held !== undefined
  }

  get killed(): boolean {
    return this.#killed
  }

  kill(): void {
    this.#killed = true
  }

  /** SIGSTOP: time goes on, and nothing that it brings is noticed. */
  stop(): void {
    this.#held ??= []
  }

  /** SIGCONT: all of it is, at once and in its order. */
  continue(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const act of held) this.#time.after(0, () => this.#act(act))
  }

  #act(act: () => void): void {
    if (this.#killed) return
    if (this.#held) this.#held.push(act)
    else act()
  }

  nowMs(): number {
    return EPOCH_MS + Math.floor(this.#time.nowMs)
  }

  ticksMs(): number {
    return this.#time.nowMs
  }

  after(ms: number, act: () => void): Disposable {
    let isGivenUp = false
    const timer = this.#time.after(ms, () =>
      this.#act(() => {
        if (!isGivenUp) act()
      }),
    )
    return {
      [Symbol.dispose]: () => {
        isGivenUp = true
        timer[Symbol.dispose]()
      },
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const timer = this.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    const onAbort = (): void => {
      timer[Symbol.dispose]()
      reject(signal!.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    return promise
  }

  timeout(ms: number): AbortSignal {
    const late = new AbortController()
    this.after(ms, () => late.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')))
    return late.signal
  }
}
