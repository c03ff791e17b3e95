import { Leave, type Running, type Woken } from './sh/running.ts'
import type { Terminal } from './terminal.ts'

/** What a program at work is given by its board. */
export interface JobMeans {
  /** Absent: nothing is typed to it. */
  readonly terminal?: Terminal
  after(ms: number, act: () => void): Disposable
  /** How long the board takes to go on with a line. */
  thinkMs(): number
}

/** A program at work on a board: it runs until it waits, and goes on when that comes. */
export class Job {
  readonly #running: Running
  readonly #means: JobMeans
  readonly #onEnd: (status: number) => void
  #timer: Disposable | undefined
  #over = false

  constructor(running: Running, means: JobMeans, onEnd: (status: number) => void) {
    this.#running = running
    this.#means = means
    this.#onEnd = onEnd
    if (means.terminal) means.terminal.onInterrupt = () => this.interrupt()
    this.#later(undefined)
  }

  /** Somebody pressed a key, or its caller has gone. */
  interrupt(): void {
    this.#timer?.[Symbol.dispose]()
    this.#means.terminal?.leave()
    this.#later({ interrupted: true })
  }

  /** It is no more; nobody is told. */
  kill(): void {
    this.#over = true
    this.#timer?.[Symbol.dispose]()
    this.#means.terminal?.leave()
  }

  #later(woken: Woken): void {
    this.#timer = this.#means.after(this.#means.thinkMs(), () => this.#go(woken))
  }

  #go(woken: Woken): void {
    if (this.#over) return
    let step: ReturnType<Running['next']>
    try {
      step = this.#running.next(woken)
    } catch (error) {
      if (!(error instanceof Leave)) throw error
      this.#over = true
      return this.#onEnd(error.what === 'interrupt' ? 130 : error.status)
    }
    if (step.done) {
      this.#over = true
      return this.#onEnd(step.value)
    }
    const wait = step.value
    if (wait.for === 'time') this.#timer = this.#means.after(wait.ms, () => this.#go(undefined))
    else if (wait.for === 'line') this.#means.terminal?.read(line => this.#later(line))
  }
}
