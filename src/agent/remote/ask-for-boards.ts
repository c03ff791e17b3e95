import { asFault } from '../../base/fault.ts'
import type { Random } from '../../base/random.ts'
import { abortable, type Clock } from '../../base/time.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { answered, type AgentClient } from '../client.ts'

/** What a person wants boards for. */
export interface Wish {
  readonly user: string
  readonly purpose: string
  readonly forMs: number
  /** null: as long as it takes. */
  readonly waitMs: number | null
  readonly priority?: number
}

interface AskMeans {
  /** Errors: `configuration/no-agent` where there is none at present. */
  readonly connect: () => Promise<AgentClient>
  readonly clock: Clock
  readonly random: Random
  /** Told of a place in the queue, whenever something about it changed. */
  readonly onWaiting?: (waiting: Waiting) => void
}

export type Answer = Awaited<ReturnType<AgentClient['api']['leaseAsk']['mutate']>>

/** How long an agent may take to come back while somebody waits: a restart. */
const RETURN_LIMIT_MS = 30_000
const RETURN_POLL_MS = 250
const LOOK_EVERY_MS = 1000
const ID_BYTES = 16
const USUAL_PRIORITY = 5

/**
 * Asks for boards, by their names or types, all of them at once, until somebody answers: under the same id again, which keeps
 * the place in the queue, when the agent was restarted meanwhile. An abort withdraws it. Errors: those of `leaseAsk`.
 */
export async function askForBoards(
  boards: readonly string[],
  wish: Wish,
  means: AskMeans,
  signal: AbortSignal,
): Promise<Answer> {
  const { clock } = means
  const id = means.random(ID_BYTES).toString('hex')
  for (let lostAtMs: number | undefined; ;) {
    try {
      using client = await means.connect()
      const { boards: known } = await answered(client.api.leaseBook.query())
      // It is there: the next time that it goes is another.
      lostAtMs = undefined
      const names = new Set(known.map(({ name }) => name))
      return await ask(client, id, asksFor(boards, names), wish, means, signal)
    } catch (error) {
      const { code } = asFault(error)
      const isAway =
        code === 'infrastructure/agent-gone' || (code === 'configuration/no-agent' && lostAtMs !== undefined)
      lostAtMs ??= clock.ticksMs()
      if (!isAway || clock.ticksMs() - lostAtMs > RETURN_LIMIT_MS) throw error
      await clock.sleep(RETURN_POLL_MS, signal)
    }
  }
}

/** A name is a board's, or else a type's. Whoever names a board may have it to repair it; by its type only sound ones are had. */
function asksFor(boards: readonly string[], known: ReadonlySet<string>) {
  return {
    asks: boards.map(name => (known.has(name) ? { board: name } : { type: name })),
    mends: boards.every(name => known.has(name)),
  }
}

async function ask(
  client: AgentClient,
  id: string,
  { asks, mends }: ReturnType<typeof asksFor>,
  { user, purpose, forMs, waitMs, priority }: Wish,
  { clock, onWaiting }: AskMeans,
  signal: AbortSignal,
): Promise<Answer> {
  const asking = answered(
    client.api.leaseAsk.mutate({
      id,
      user,
      purpose,
      asks,
      mends,
      tied: false,
      yields: false,
      forMs,
      waitMs,
      ...(priority !== undefined && { priority, preempts: priority > USUAL_PRIORITY }),
    }),
  )
  const over = new AbortController()
  const watching = onWaiting && watch(client, id, onWaiting, clock, AbortSignal.any([signal, over.signal]))
  try {
    return await abortable(asking, signal)
  } catch (error) {
    if (signal.aborted) await answered(client.api.leaseRelease.mutate({ id, user })).catch(() => undefined)
    throw error
  } finally {
    over.abort()
    await watching
  }
}

/** Says where somebody stands in the queue, whenever that changes. */
async function watch(
  client: AgentClient,
  id: string,
  onWaiting: (waiting: Waiting) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let waitMs = 100, told = ''; ; waitMs = LOOK_EVERY_MS) {
      await clock.sleep(waitMs, signal)
      const waiting = await abortable(answered(client.api.leaseWaiting.query({ id })), signal)
      if (!waiting) continue
      const text = JSON.stringify([waiting.place, waiting.etaMs, waiting.why])
      if (text !== told) onWaiting(waiting)
      told = text
    }
  } catch {
    // It waits no more; the asking itself says how that ended.
  }
}
