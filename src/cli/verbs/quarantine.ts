import { answered, connect, type AgentClient } from '../../agent/client.ts'
import { changeHealth } from '../../agent/health/health-file.ts'
import { agentOf } from '../../agent/host.ts'
import { Fault } from '../../base/fault.ts'
import { harmless } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench, type Board } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import { NO_REASON, releasedBy, withheldBy } from '../../model/health.ts'
import { agentFor, userOf, type AgentChoice } from '../agent-for.ts'

/** `hil quarantine`: nobody gets the board until it is released. */
export async function quarantine(
  board: string,
  options: AgentChoice & { reason: string },
  signal: AbortSignal,
): Promise<void> {
  await change(board, { reason: options.reason }, options, signal)
  process.stdout.write(`${board}: quarantined: ${harmless(options.reason)}\n`)
}

/** `hil unquarantine`: gives it back. */
export async function unquarantine(
  board: string,
  options: AgentChoice & { reason?: string },
  signal: AbortSignal,
): Promise<void> {
  const { reason: released = NO_REASON } = options
  await change(board, { reason: null, released }, options, signal)
  process.stdout.write(`${board}: released: ${harmless(released)}\n`)
}

/** As the call of the agent has it. */
type Change = { readonly reason: string } | { readonly reason: null; readonly released: string }

/** By the agent that is asked for, or that the bench has: its boards may be another user's. */
async function change(name: string, what: Change, options: AgentChoice, signal: AbortSignal): Promise<void> {
  const ask = async (client: AgentClient): Promise<void> =>
    answered(client.api.quarantine.mutate({ board: name, user: await userOf(client), ...what }))
  if (options.agent !== undefined) {
    using client = await agentFor(options, signal)
    return await ask(client)
  }
  const { stateDir, bench } = await exactly(name, options.bench)
  const socketPath = await agentOf(bench, systemClock, signal)
  if (socketPath !== undefined) {
    using client = connect(socketPath, undefined, signal)
    return await ask(client)
  }
  const nowMs = systemClock.nowMs()
  const { user } = thisProcess([], systemClock)
  changeHealth(stateDir, record =>
    what.reason === null
      ? releasedBy(record, harmless(what.released), user, nowMs)
      : withheldBy(record, harmless(what.reason), user, nowMs),
  )
}

/** A board by its own name: of a type, another may be meant. */
async function exactly(name: string, benchFile: string): Promise<Board> {
  const bench = await loadBench(benchFile)
  const found = bench.boards.find(board => board.name === name)
  if (found) return found
  throw new Fault('configuration/unknown-board', {
    expected: `a board of bench ${bench.name}, by its name`,
    seen: name,
    evidence: bench.boards.map(board => `${board.name} (${board.type.name})`),
  })
}
