import { answered, type AgentClient } from '../../agent/client.ts'
import { askForBoards, type Wish } from '../../agent/remote/ask-for-boards.ts'
import { Fault } from '../../base/fault.ts'
import { systemRandom } from '../../base/random.ts'
import { humanTime } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { thisProcess } from '../../bench/lock.ts'
import type { Waiting } from '../../model/lease/explain.ts'
import { agentFor, type AgentChoice } from '../agent-for.ts'

export interface HoldOptions extends AgentChoice {
  readonly for: number
  readonly reason?: string
  readonly to?: string
  readonly wait?: number
  readonly priority?: number
  readonly json?: boolean
}

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

function wishOf({ for: forMs, reason, wait, priority }: HoldOptions): Omit<Wish, 'user'> {
  return {
    purpose: reason ?? 'at the bench',
    forMs,
    waitMs: wait === undefined ? null : wait * 60_000,
    ...(priority !== undefined && { priority }),
  }
}

function tellPlace({ place, etaMs, why }: Waiting): void {
  const eta = etaMs === null ? '' : `, expected at ${humanTime(etaMs)}`
  process.stderr.write(`hil: waits, place ${place}${eta}: ${why}\n`)
}
