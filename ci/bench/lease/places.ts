import { Desk } from './desk.ts'
import { EchoServer } from './echo-server.ts'
import type { Place } from './locker.ts'
import { NatsServer, noNats } from './nats-server.ts'

export const NATS = 'NATS KV'

/** Whoever is measured, each at work. */
export interface Places extends AsyncDisposable {
  readonly agent: Place
  readonly nats: Place | undefined
  readonly echo: Place
}

/** The agent, and beside it NATS where that is installed, and what none of the two can be under. */
export async function openPlaces(): Promise<Places> {
  await using stack = new AsyncDisposableStack()
  const agent = stack.use(await Desk.open()).place
  const nats = noNats === undefined ? stack.use(await NatsServer.open()).place : undefined
  const echo = stack.use(await EchoServer.open()).place
  const open = stack.move()
  return { agent, nats, echo, [Symbol.asyncDispose]: () => open.disposeAsync() }
}
