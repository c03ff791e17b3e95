import { randomUUID } from 'node:crypto'
import { answered, connect } from '../../../src/agent/client.ts'
import { echoLocker } from './echo-server.ts'
import { NatsLock } from './nats-lock.ts'

/** Whoever gives boards away, as one client of it sees it. */
export interface Locker {
  /** Waits for a board, and gives back the number under which it is had. */
  take(board: string): Promise<number>
  /** Gives back what was taken last. */
  giveBack(): Promise<unknown>
  close(): void
}

/** Where boards are given away, and by which process: an agent behind a socket, locks in NATS on a port of this host, or nobody. */
export type Place = { readonly pid: number } & (
  { readonly agent: string } | { readonly nats: number } | { readonly echo: string }
)

export async function openLocker(place: Place, user: string): Promise<Locker> {
  if ('agent' in place) return agentLocker(place.agent, user)
  if ('echo' in place) return echoLocker(place.echo)
  const lock = await NatsLock.open(place.nats)
  return { take: board => lock.take(board, user), giveBack: () => lock.giveBack(), close: () => lock.close() }
}

async function agentLocker(socketPath: string, user: string): Promise<Locker> {
  const connection = connect(socketPath)
  const { api } = connection
  await answered(api.agentHello.query())
  let id = ''
  return {
    take: async board => {
      id = randomUUID()
      const ask = { id, user, purpose: 'bench', asks: [{ board }], tied: false }
      return (await answered(api.leaseAsk.mutate(ask))).grants[0]!.epoch
    },
    giveBack: () => answered(api.leaseRelease.mutate({ id, user })),
    close: () => connection[Symbol.dispose](),
  }
}
