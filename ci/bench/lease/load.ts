import { fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Pairs } from './client.ts'
import type { Place } from './locker.ts'

/**
 * What a load leaves to be collected is not collected while it is measured: its own pauses say nothing about a lease book. Nor does its
 * room for what is new grow meanwhile, which takes 27 ms at once.
 */
const NO_PAUSES = [
  '--heap-growing-percent=4000',
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
  '--no-parallel-scavenge',
]
const ALL_THREADS = ['--all-tasks']
/** Of processors, the last; all others. */
const LAST = String(availableParallelism() - 1)
const OTHERS = `0-${Math.max(0, availableParallelism() - 2)}`

/** As many processes as leave the agent a processor: what it waits for among its own clients says nothing about it. */
export const MANY = { clients: 100, processes: Math.max(1, availableParallelism() - 1) }

export const BOARDS = Array.from({ length: 10 }, (_, n) => `board-${n}`)

/** What a load of clients saw. */
export interface Seen extends Pairs {
  readonly seconds: number
}

/** How many clients, from how many processes, for how long, and how long each thinks between two leases. */
export interface Load {
  readonly clients: number
  readonly processes: number
  readonly forMs: number
  readonly thinkMs?: number
  /**
   * Whether clients and whoever gives boards have processors of their own. Both busy, Linux has them share one for up to 38 ms, since
   * they wake each other, while the other is idle. What else a program does beside its first thread, as collecting what that left,
   * has the processor that is free.
   */
  readonly apart?: boolean
}

/** Has clients take and give back boards, each with a connection of its own, all at once. */
export async function load(at: Place, { clients, processes, forMs, thinkMs = 0, apart = false }: Load): Promise<Seen> {
  const share = Math.ceil(clients / processes)
  const children = Array.from({ length: Math.ceil(clients / share) }, (_, n) =>
    fork(
      join(import.meta.dirname, 'client.ts'),
      [JSON.stringify(at), n * share, share, BOARDS.join(), forMs, thinkMs].map(String),
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: NO_PAUSES },
    ),
  )
  if (apart) {
    bindTo(LAST, at.pid)
    for (const child of children) bindTo(OTHERS, child.pid!, ALL_THREADS)
  } else bindTo(`0-${LAST}`, at.pid, ALL_THREADS)
  await Promise.all(children.map(messageOf))
  // What others left to the host to be written is not to be written meanwhile.
  spawnSync('sync')
  const answers = children.map(child => messageOf(child) as Promise<[Pairs]>)
  const startMs = performance.now()
  for (const child of children) child.send('go')
  const pairs = (await Promise.all(answers)).map(([pairs]) => pairs)
  const seconds = (performance.now() - startMs) / 1000
  return { waitsMs: pairs.flatMap(({ waitsMs }) => waitsMs), had: pairs.flatMap(({ had }) => had), seconds }
}

/** The first thread of a process, or all, to some processors. */
function bindTo(processors: string, pid: number, which: readonly string[] = []): void {
  const { status, stderr } = spawnSync('taskset', [...which, '--cpu-list', '--pid', processors, String(pid)])
  if (status !== 0) throw new Error(`taskset: ${stderr.toString()}`)
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

/** How often two had one board at one time, or one number was given twice: must be never. */
export function doubleOwners({ had }: Pairs): number {
  const byBoard = Map.groupBy(had, ([board]) => board)
  let double = 0
  for (const leases of byBoard.values()) {
    leases.sort((a, b) => a[2] - b[2])
    for (let n = 1; n < leases.length; n++)
      if (leases[n]![2] < leases[n - 1]![3] || leases[n]![1] <= leases[n - 1]![1]) double++
  }
  return double
}
