import { abortable, type Clock } from '../../base/time.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { answered, type AgentClient } from '../client.ts'

type LeaseAsk = AgentClient['api']['leaseAsk']['mutate']
export type Asked = Parameters<LeaseAsk>[0]
export type Answer = Awaited<ReturnType<LeaseAsk>>

/** Who asks for more than this takes boards from others. */
const USUAL_PRIORITY = 5
const FIRST_LOOK_MS = 100
const LOOK_EVERY_MS = 1000

/** What a priority is to others; undefined: the usual one. */
export function urgency(priority: number | undefined): Pick<Asked, 'priority' | 'preempts'> {
  return priority === undefined ? {} : { priority, preempts: priority > USUAL_PRIORITY }
}

/** Whom to tell of a place in the queue, and what of it must have changed to be told again. */
export interface Told {
  readonly onWaiting: (waiting: Waiting) => void
  readonly newsIn: (waiting: Waiting) => unknown
}

/** Asks for boards over a connection, and tells meanwhile where the wish stands. An abort only ends the waiting. Errors: those of `leaseAsk`. */
export async function askTelling(
  client: AgentClient,
  asked: Asked,
  told: Told | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<Answer> {
  const answer = abortable(answered(client.api.leaseAsk.mutate(asked)), signal)
  const over = new AbortController()
  const watching = told && watch(client, asked.id, told, clock, AbortSignal.any([signal, over.signal]))
  try {
    return await answer
  } finally {
    over.abort()
    await watching
  }
}

async function watch(
  client: AgentClient,
  id: string,
  { onWaiting, newsIn }: Told,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let waitMs = FIRST_LOOK_MS, before = ''; ; waitMs = LOOK_EVERY_MS) {
      await clock.sleep(waitMs, signal)
      const waiting = await abortable(answered(client.api.leaseWaiting.query({ id })), signal)
      if (!waiting) continue
      const news = JSON.stringify(newsIn(waiting))
      if (news !== before) onWaiting(waiting)
      before = news
    }
  } catch {
    // It waits no more, or nobody can tell; the asking itself says why.
  }
}
