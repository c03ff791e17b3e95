import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROCESS = fileURLToPath(new URL('./guardian-process.ts', import.meta.url))
/** One that ends by itself, again and again, is not started for ever. */
const MAX_STARTS = 10

/**
 * A small process that outlives this one, and switches off the boards that were in use when this one was killed. It is
 * started with the first of them, and asleep until then.
 */
export class Guardian implements AsyncDisposable {
  readonly #benchPath: string
  readonly #graceMs: number
  #child: ChildProcess | undefined
  #boards: readonly string[] = []
  #starts = 0
  #over = false

  /** `graceMs`: how long whoever is killed may take to come back, and have its boards again. */
  constructor(benchPath: string, graceMs: number) {
    this.#benchPath = benchPath
    this.#graceMs = graceMs
  }

  /** The boards that are in use now. */
  watch(boards: readonly string[]): void {
    this.#boards = boards
    if (!this.#child && boards.length > 0 && !this.#over) this.#start()
    this.#child?.send({ watch: boards })
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

  #start(): void {
    if (this.#starts++ >= MAX_STARTS) return
    // Its own process group: a Ctrl-C for this one is none for it. Nor is the memory this one was given.
    const how: ForkOptions = { detached: true, stdio: 'ignore', execArgv: [] }
    const child = fork(PROCESS, [this.#benchPath, String(this.#graceMs)], how)
    this.#child = child
    child.unref()
    child.channel?.unref()
    // A message to one that just ended is lost; it is told again when the next is started.
    child.on('error', () => undefined)
    child.once('exit', () => {
      this.#child = undefined
      if (this.#over || this.#boards.length === 0) return
      this.watch(this.#boards)
    })
  }
}
