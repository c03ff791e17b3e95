import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { collect } from '../lib/collect.ts'
import { pause } from '../lib/lab.ts'
import type { Place } from './locker.ts'
import { rowsOf, type Seen } from './seen.ts'

/**
 * What a load leaves to be collected is not collected while it is measured: its own pauses say nothing about a lease book. Nor does its
 * room for what is new grow meanwhile, which takes 27 ms at once, nor do four threads look for what is left: those had the
 * clients' processor for 57 ms.
 */
const NO_PAUSES = [
  '--heap-growing-percent=4000',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
  '--single-threaded-gc',
]
const ALL_THREADS = ['--all-tasks']
/** Of processors, the last; all others. */
const LAST = String(availableParallelism() - 1)
const ALL = `0-${LAST}`
const OTHERS = `0-${Math.max(0, availableParallelism() - 2)}`

/** As many processes as leave the agent a processor: what it waits for among its own clients says nothing about it. */
export const MANY = { clients: 100, processes: Math.max(1, availableParallelism() - 1) }

/** By then the threads of who collected have done the rest. */
const SWEPT_MS = 300

export const BOARDS = Array.from({ length: 10 }, (_, n) => `board-${n}`)

/** What a process of clients is told: each is answered once it is done. */
export type Told = 'collect' | 'go'

/** How many clients, from how many processes, for how long, how long each thinks between two leases and has a board. */
export interface Load {
  readonly clients: number
  readonly processes: number
  readonly forMs: number
  readonly thinkMs?: number
  readonly heldMs?: number
  /**
   * Whether clients and whoever gives boards have processors of their own. Both busy, Linux has them share one for up to 38 ms, since
   * they wake each other, while the other is idle. What a program of Node does beside its first thread, as collecting what that left,
   * has the processor that is free.
   */
  readonly apart?: boolean
}

/** Clients that take and give back boards, each with a connection of its own; warm, and at work only in a run. */
export class Clients implements AsyncDisposable {
  readonly #children: readonly ChildProcess[]

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children
  }

  static async open(at: Place, load: Load): Promise<Clients> {
    const { clients, processes, forMs, thinkMs = 0, heldMs = 0, apart = false } = load
    const share = Math.ceil(clients / processes)
    await using stack = new AsyncDisposableStack()
    const children = Array.from({ length: Math.ceil(clients / share) }, (_, n) =>
      fork(
        join(import.meta.dirname, 'client.ts'),
        [JSON.stringify(at), n * share, share, BOARDS.join(), forMs, thinkMs, heldMs].map(String),
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: NO_PAUSES, serialization: 'advanced' },
      ),
    )
    const opened = stack.use(new Clients(children))
    // Node's programs do their work in the first thread, Go's in any.
    bindTo(apart ? LAST : ALL, at.pid, apart && !('nats' in at) ? [] : ALL_THREADS)
    if (apart)
      for (const child of children) {
        bindTo(OTHERS, child.pid!, ALL_THREADS)
        comeFirst(child.pid!)
      }
    await Promise.all(children.map(messageOf))
    stack.move()
    return opened
  }

  async run(): Promise<Seen> {
    // What others left to the host to be written is not to be written meanwhile, nor what was seen before to be collected.
    spawnSync('sync')
    collect()
    await this.#each('collect')
    await pause(SWEPT_MS)
    const startMs = performance.now()
    const numbers = (await this.#each('go')) as [Float64Array][]
    const seconds = (performance.now() - startMs) / 1000
    return { rows: numbers.flatMap(([rows]) => rowsOf(rows)), seconds }
  }

  /** Tells each process something; what they answer. */
  #each(what: Told): Promise<unknown[][]> {
    const answers = this.#children.map(messageOf)
    for (const child of this.#children) child.send(what)
    return Promise.all(answers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** The first thread of a process, or all, to some processors. */
function bindTo(processors: string, pid: number, which: readonly string[] = []): void {
  const { status, stderr } = spawnSync('taskset', [...which, '--cpu-list', '--pid', processors, String(pid)])
  if (status !== 0) throw new Error(`taskset: ${stderr.toString()}`)
}

/**
 * Lets the first thread of a process, the one that works, have its processor before others who want that: a client who waits for one
 * would be taken for one who waits for a board. Where that may not be had, as without root, it is as everybody else.
 */
function comeFirst(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST)
  } catch {
    // Such a load has more to wait for, and says too much rather than too little.
  }
}

/** The next message of a child; one that ends before it has none. */
async function messageOf(child: ChildProcess): Promise<unknown[]> {
  const over = new AbortController()
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`a client of the load ended with ${code}`)
  })
  ended.catch(() => undefined)
  try {
    return await Promise.race([once(child, 'message', { signal: over.signal }), ended])
  } finally {
    over.abort()
  }
}
