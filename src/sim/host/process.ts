import { ProcessClock, type VirtualTime } from '../time/virtual-time.ts'

/** A process of the simulated host: it may be killed at any moment, and does nothing from then on. */
export class SimProcess {
  readonly name: string
  readonly clock: ProcessClock
  readonly #time: VirtualTime
  readonly #open = new Set<() => void>()

  constructor(name: string, time: VirtualTime) {
    this.name = name
    this.#time = time
    this.clock = new ProcessClock(time)
  }

  get killed(): boolean {
    return this.clock.killed
  }

  kill(): void {
    this.clock.kill()
    for (const close of this.#open) close()
    this.#open.clear()
  }

  /** Something of this host that it has open: closed when it is killed, or earlier by what is given back. */
  own(close: () => void): () => void {
    this.#open.add(close)
    return () => {
      if (this.#open.delete(close)) close()
    }
  }

  /** SIGSTOP and, so much later, SIGCONT. */
  standStill(ms: number): void {
    this.clock.stop()
    this.#time.after(ms, () => this.clock.continue())
  }
}
