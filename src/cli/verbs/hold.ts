import { randomUUID } from 'node:crypto'
import { answered, type AgentClient } from '../../agent/client.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { humanTime } from '../../base/text.ts'
import { abortable, systemClock } from '../../base/time.ts'
import { thisProcess } from '../../bench/lock.ts'
import { agentFor, type AgentChoice } from '../agent-for.ts'

export interface HoldOptions extends AgentChoice {
  readonly for: number
  readonly reason?: string
  readonly to?: string
  readonly wait?: number
  readonly priority?: number
  readonly json?: boolean
}

/** How long an agent may take to come back while somebody waits: a restart. */
const RETURN_LIMIT_MS = 30_000
const RETURN_POLL_MS = 250

/** `hil hold`: boards for a person and a time, all of them at once; a hold of their own is made longer. */
export async function hold(boards: readonly string[], options: HoldOptions, signal: AbortSignal): Promise<void> {
  using client = await agentFor(options, signal)
  const { user } = thisProcess([], systemClock)
  const book = await answered(client.api.leaseBook.query())
  const own = book.boards.filter(({ name, lease }) => boards.includes(name) && lease?.user === user && !lease.tied)
  if (options.to !== undefined) return await handAll(client, boards, options.to, user)
  const lease =
    own.length === boards.length && new Set(own.map(({ lease }) => lease!.id)).size === 1
      ? await answered(client.api.leaseRenew.mutate({ id: own[0]!.lease!.id, forMs: options.for }))
      : await askUntilAnswered(client, boards, user, options, signal)
  const names = lease.grants.map(({ board }) => board)
  if (options.json) process.stdout.write(`${JSON.stringify(lease)}\n`)
  else process.stdout.write(`${names.join(' and ')} held by ${lease.user} until ${humanTime(lease.untilMs)}\n`)
}

/** `hil hand`: what somebody holds, to a colleague, as it is. */
export async function hand(
  boards: readonly string[],
  to: string,
  options: AgentChoice,
  signal: AbortSignal,
): Promise<void> {
  using client = await agentFor(options, signal)
  await handAll(client, boards, to, thisProcess([], systemClock).user)
}

/** `hil release`: ends holds. */
export async function release(boards: readonly string[], options: AgentChoice, signal: AbortSignal): Promise<void> {
  using client = await agentFor(options, signal)
  const { user } = thisProcess([], systemClock)
  for (const [id, names] of await leasesOf(client, boards)) {
    await answered(client.api.leaseRelease.mutate({ id, user }))
    process.stdout.write(`${names.join(' and ')} released\n`)
  }
}

async function handAll(client: AgentClient, boards: readonly string[], to: string, user: string): Promise<void> {
  for (const [id, names] of await leasesOf(client, boards)) {
    await answered(client.api.leaseHand.mutate({ id, user, to }))
    process.stdout.write(`${names.join(' and ')} handed to ${to}\n`)
  }
}

/** The leases of boards. Errors: `lease/stale` for one that nobody holds, before anything is done. */
async function leasesOf(client: AgentClient, names: readonly string[]): Promise<Map<string, string[]>> {
  const { boards, bench } = await answered(client.api.leaseBook.query())
  const leases = new Map<string, string[]>()
  for (const name of names) {
    const board = boards.find(board => board.name === name)
    if (!board) throw new Fault('configuration/unknown-board', { expected: `a board of bench ${bench}`, seen: name })
    if (!board.lease)
      throw new Fault('lease/stale', { expected: `${name} to be held`, seen: 'it is free', next: 'hil boards' })
    leases.set(
      board.lease.id,
      board.lease.grants.map(grant => grant.board),
    )
  }
  return leases
}

type Answer = Awaited<ReturnType<AgentClient['api']['leaseAsk']['mutate']>>

/** Asks again under the same id, which keeps the place in the queue, when the agent was restarted meanwhile. */
async function askUntilAnswered(
  first: AgentClient,
  boards: readonly string[],
  user: string,
  options: HoldOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const id = randomUUID()
  let client: AgentClient | undefined = first
  for (let lostAtMs: number | undefined; ;) {
    try {
      client ??= await agentFor(options, signal)
      return await ask(client, id, boards, user, options, signal)
    } catch (error) {
      const { code } = asFault(error)
      const isAway =
        code === 'infrastructure/agent-gone' || (code === 'configuration/no-agent' && lostAtMs !== undefined)
      lostAtMs ??= systemClock.ticksMs()
      if (!isAway || systemClock.ticksMs() - lostAtMs > RETURN_LIMIT_MS) throw error
      await systemClock.sleep(RETURN_POLL_MS, signal)
    } finally {
      if (client !== first) client?.[Symbol.dispose]()
      client = undefined
    }
  }
}

async function ask(
  client: AgentClient,
  id: string,
  boards: readonly string[],
  user: string,
  { for: forMs, reason, wait, priority }: HoldOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const { boards: known } = await answered(client.api.leaseBook.query())
  const asking = answered(
    client.api.leaseAsk.mutate({
      id,
      user,
      purpose: reason ?? 'at the bench',
      // A name is a board's, or else a type's.
      asks: boards.map(name => (known.some(board => board.name === name) ? { board: name } : { type: name })),
      // Whoever names a board may have it to repair it; by its type only sound ones are had.
      mends: boards.every(name => known.some(board => board.name === name)),
      tied: false,
      yields: false,
      forMs,
      waitMs: wait === undefined ? null : wait * 60_000,
      ...(priority !== undefined && { priority, preempts: priority > 5 }),
    }),
  )
  const over = new AbortController()
  const watching = watch(client, id, AbortSignal.any([signal, over.signal]))
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
async function watch(client: AgentClient, id: string, signal: AbortSignal): Promise<void> {
  try {
    for (let waitMs = 100, told = ''; ; waitMs = 1000) {
      await systemClock.sleep(waitMs, signal)
      const waiting = await abortable(answered(client.api.leaseWaiting.query({ id })), signal)
      if (!waiting) continue
      const eta = waiting.etaMs === null ? '' : `, expected at ${humanTime(waiting.etaMs)}`
      const text = `waits, place ${waiting.place}${eta}: ${waiting.why}`
      if (text !== told) process.stderr.write(`hil: ${text}\n`)
      told = text
    }
  } catch {
    // It waits no more; the asking itself says how that ended.
  }
}
