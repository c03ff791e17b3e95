import { fork, type ChildProcess } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../base/fault.ts'
import { ALIKE_EVERYWHERE } from './alike.ts'
import type { SeedResult } from './seed-result.ts'
import type { Order } from './worker.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

export interface SwarmOptions {
  readonly seeds: readonly number[]
  /** How many processes; default: one for each processor. */
  readonly jobs?: number | undefined
  /** Each seed whose number this divides is lived twice. */
  readonly replayEvery: number
  /** Whether all that happened in each is wanted; default: in those in which something did that may not. */
  readonly timeline?: boolean
  readonly signal: AbortSignal
  /** Told of each, with its timeline where there is one: only here, as there may be many. */
  readonly onResult: (result: SeedResult) => void
}

type Answer = { readonly result: SeedResult } | { readonly seed: number; readonly error: string }

/** Tries out seeds, several at once, in the order of their numbers. Errors: `internal/bug` for one that could not be lived through. */
export async function tryAll({
  seeds,
  jobs,
  replayEvery,
  timeline = false,
  signal,
  onResult,
}: SwarmOptions): Promise<SeedResult[]> {
  const results: SeedResult[] = []
  const waiting = [...seeds]
  const work = async (): Promise<void> => {
    const env = { ...process.env, ...ALIKE_EVERYWHERE }
    const child = fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env })
    try {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const answer = await ask(child, { seed, replay: seed % replayEvery === 0, timeline }, signal)
        if ('error' in answer) throw broken(seed, answer.error)
        const { timeline: _timeline, ...result } = answer.result
        results.push(result)
        onResult(answer.result)
      }
    } finally {
      if (child.connected) child.disconnect()
    }
  }
  const count = Math.min(seeds.length, jobs ?? availableParallelism())
  await Promise.all(Array.from({ length: count }, work))
  return results.sort((a, b) => a.seed - b.seed)
}

async function ask(child: ChildProcess, order: Order, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const onAbort = (): void => reject(signal.reason as Error)
  const onExit = (): void => reject(broken(order.seed, 'its process ended'))
  child.once('message', resolve as (message: unknown) => void)
  child.once('exit', onExit)
  signal.addEventListener('abort', onAbort, { once: true })
  child.send(order)
  try {
    signal.throwIfAborted()
    return await promise
  } finally {
    child.off('exit', onExit)
    signal.removeEventListener('abort', onAbort)
  }
}

function broken(seed: number, seen: string): Fault {
  return new Fault('internal/bug', {
    expected: `seed ${seed} to be lived through`,
    seen: seen.split('\n')[0] ?? '',
    next: `report what follows; the same again: hil sim --seed ${seed}`,
    evidence: seen.split('\n').slice(1),
  })
}
