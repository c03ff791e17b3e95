import { asFault } from '../../base/fault.ts'
import type { Random } from '../../base/random.ts'
import type { Clock } from '../../base/time.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { answered, type AgentClient } from '../client.ts'
import { askTelling, urgency, type Answer } from './ask.ts'

/** What a person wants boards for. */
export interface Wish {
  readonly user: string
  readonly purpose: string
  readonly forMs: number
  /** null: as long as it takes. */
  readonly waitMs: number | null
  readonly priority?: number
  /** What each of the boards must have. */
  readonly traits?: readonly string[]
}

interface AskMeans {
  /** Errors: `configuration/no-agent` where there is none at present. */
  readonly connect: () => Promise<AgentClient>
  readonly clock: Clock
  readonly random: Random
  /** Told of a place in the queue, whenever something about it changed. */
  readonly onWaiting?: (waiting: Waiting) => void
}

/** How long an agent may take to come back while somebody waits: a restart. */
const RETURN_LIMIT_MS = 30_000
const RETURN_POLL_MS = 250
const ID_BYTES = 16

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
      return await ask(client, id, asksFor(boards, names, wish.traits), wish, means, signal)
    } catch (error) {
      const { code } = asFault(error)
      // One that starts again has its socket for itself at first.
      const isStarting = code === 'configuration/no-agent' || code === 'configuration/agent-access'
      const isAway = code === 'infrastructure/agent-gone' || (isStarting && lostAtMs !== undefined)
      lostAtMs ??= clock.ticksMs()
      if (!isAway || clock.ticksMs() - lostAtMs > RETURN_LIMIT_MS) throw error
      await clock.sleep(RETURN_POLL_MS, signal)
    }
  }
}

/** A name is a board's, or else a type's. Whoever names a board may have it to repair it; by its type only sound ones are had. */
function asksFor(boards: readonly string[], known: ReadonlySet<string>, traits: readonly string[] = []) {
  const has = traits.length > 0 && { traits: [...traits] }
  return {
    asks: boards.map(name => ({ ...(known.has(name) ? { board: name } : { type: name }), ...has })),
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
  const asked = { id, user, purpose, asks, mends, tied: false, yields: false, forMs, waitMs, ...urgency(priority) }
  const told = onWaiting && { onWaiting, newsIn: ({ place, etaMs, why }: Waiting) => [place, etaMs, why] }
  try {
    return await askTelling(client, asked, told, clock, signal)
  } catch (error) {
    if (signal.aborted) await answered(client.api.leaseRelease.mutate({ id, user })).catch(() => undefined)
    throw error
  }
}
