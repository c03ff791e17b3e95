import type { Clock } from '../../base/time.ts'
import { answered, connect, type AgentClient } from '../client.ts'
import { agentOf } from '../host.ts'

/** What an agent tells of its boards: who has them, and who waits. */
export type LeaseBook = Awaited<ReturnType<AgentClient['api']['leaseBook']['query']>>

/**
 * What the agent of a bench on this host tells of its boards; undefined: there is none. Errors: those of `agentOf`, and
 * `configuration/agent-access`.
 */
export async function leaseBookOf(bench: string, clock: Clock, signal: AbortSignal): Promise<LeaseBook | undefined> {
  const socketPath = await agentOf(bench, clock, signal)
  if (socketPath === undefined) return undefined
  using client = connect(socketPath, undefined, signal)
  return await answered(client.api.leaseBook.query())
}
