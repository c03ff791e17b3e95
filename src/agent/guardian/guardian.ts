import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Board } from '../../bench/load.ts'
import { orderOf, type ParkOrder } from './park-order.ts'

const PROCESS = fileURLToPath(new URL('./guardian-process.ts', import.meta.url))
/** One that ends by itself, again and again, is not started for ever. */
const MAX_STARTS = 10

/**
 * A small process that outlives this one, and switches off the boards that were in use when this one was killed. It is
 * started with the first of them, and asleep until then.
 */
export class Guardian implements AsyncDisposable {
  readonly #graceMs: number
  #child: ChildProcess | undefined
  #boards: readonly ParkOrder[] = []
  #starts = 0
  #over = false

  /** `graceMs`: how long whoever is killed may take to come back, and have its boards again. */
  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  /** The boards that are in use now, and how they are wired now. */
  watch(boards: readonly Board[]): void {
    this.#boards = boards.flatMap(board => orderOf(board) ?? [])
    this.#tell()
  }

  /** Lets it go: every board was parked. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true
    const child = this.#child
    if (!child?.connected) return
    const { promise, resolve } = Promise.withResolvers<void>()
    child.once('exit', () => resolve())
    // Its end is waited for, which nothing else may keep this process alive for.
    child.ref()
    child.send({ watch: [] }, () => child.disconnect())
    await promise
  }

  #tell(): void {
    if (!this.#child && this.#boards.length > 0 && !this.#over) this.#start()
    this.#child?.send({ watch: this.#boards })
  }

  #start(): void {
    if (this.#starts++ >= MAX_STARTS) return
    // Its own process group: a Ctrl-C for this one is none for it. Nor is the memory this one was given.
    const how: ForkOptions = {
      ...{ detached: true, execArgv: [], serialization: 'advanced' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }
    const child = fork(PROCESS, [String(this.#graceMs)], how)
    this.#child = child
    child.unref()
    child.channel?.unref()
    // A message to one that just ended is lost; it is told again when the next is started.
    child.on('error', () => undefined)
    child.once('exit', () => {
      this.#child = undefined
      if (this.#over || this.#boards.length === 0) return
      this.#tell()
    })
  }
}
