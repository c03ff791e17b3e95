import { answered, type AgentClient } from '../../agent/client.ts'
import { askForBoards, type Wish } from '../../agent/remote/ask-for-boards.ts'
import { Fault } from '../../base/fault.ts'
import { systemRandom } from '../../base/random.ts'
import { harmless, humanTime } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { QUARANTINED } from '../../model/lease/words.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { agentFor, userOf, type AgentChoice } from '../agent-for.ts'

type Book = Awaited<ReturnType<AgentClient['api']['leaseBook']['query']>>

export interface HoldOptions extends AgentChoice {
  readonly for: number
  readonly reason?: string
  readonly to?: string
  readonly wait?: number
  readonly priority?: number
  readonly trait: readonly string[]
  readonly json?: boolean
}

/** `hil hold`: boards for a person and a time, all of them at once; a hold of their own is made longer. */
export async function hold(boards: readonly string[], options: HoldOptions, signal: AbortSignal): Promise<void> {
  using client = await agentFor(options, signal)
  const user = await userOf(client)
  if (options.to !== undefined) return await handAll(client, boards, options.to, user)
  const book = await answered(client.api.leaseBook.query())
  for (const { name, withheld } of book.boards)
    if (boards.includes(name) && withheld?.startsWith(QUARANTINED))
      process.stderr.write(`hil: ${name} is ${harmless(withheld)}\n`)
  const own = ownHold(book, boards, user)
  const { for: forMs, reason } = options
  const lease =
    own !== undefined
      ? await answered(
          client.api.leaseRenew.mutate({ id: own, user, forMs, ...(reason !== undefined && { purpose: reason }) }),
        )
      : await askForBoards(
          boards,
          { ...wishOf(options), user },
          { connect: () => agentFor(options, signal), clock: systemClock, random: systemRandom, onWaiting: tellPlace },
          signal,
        )
  const names = lease.grants.map(({ board }) => board)
  if (options.json) process.stdout.write(`${JSON.stringify(lease)}\n`)
  else process.stdout.write(`${names.join(' and ')} held by ${lease.user} until ${humanTime(lease.untilMs)}\n`)
}

/**
 * Which hold of one's own has all these boards; undefined: none has any. Errors: `lease/held` where one has some of them, for whom
 * this hold would wait until it is over.
 */
function ownHold(book: Book, boards: readonly string[], user: string): string | undefined {
  const own = book.boards.filter(({ name, lease }) => boards.includes(name) && lease?.user === user && !lease.tied)
  if (own.length === 0) return undefined
  const ids = new Set(own.map(({ lease }) => lease!.id))
  if (own.length === boards.length && ids.size === 1) return [...ids][0]
  throw new Fault('lease/held', {
    expected: 'boards that nobody holds yet, or all of one hold of your own',
    seen: own.map(({ name, lease }) => `${name} is yours until ${humanTime(lease!.untilMs)}`).join('; '),
    next: own.length < boards.length ? 'ask for the others alone' : 'make each hold longer on its own',
  })
}

/** `hil hand`: what somebody holds, to a colleague, as it is. */
export async function hand(
  boards: readonly string[],
  to: string,
  options: AgentChoice,
  signal: AbortSignal,
): Promise<void> {
  using client = await agentFor(options, signal)
  await handAll(client, boards, to, await userOf(client))
}

/** `hil release`: ends holds. */
export async function release(boards: readonly string[], options: AgentChoice, signal: AbortSignal): Promise<void> {
  using client = await agentFor(options, signal)
  const user = await userOf(client)
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

function wishOf({ for: forMs, reason, wait, priority, trait: traits }: HoldOptions): Omit<Wish, 'user'> {
  return {
    purpose: reason ?? 'at the bench',
    forMs,
    waitMs: wait === undefined ? null : wait * 60_000,
    traits,
    ...(priority !== undefined && { priority }),
  }
}

function tellPlace({ place, etaMs, why }: Waiting): void {
  const eta = etaMs === null ? '' : `, expected at ${humanTime(etaMs)}`
  process.stderr.write(`hil: waits, place ${place}${eta}: ${harmless(why)}\n`)
}
