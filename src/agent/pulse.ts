import type { WebSocket } from 'ws'
import { every, type Clock } from '../base/time.ts'

const PING_EVERY_MS = 10_000
/** 50 s of silence, well below the time for which a tied lease lives: by then both ends know that the other is gone. */
const MOST_UNANSWERED = 4

type Pulsing = Pick<WebSocket, 'ping' | 'terminate' | 'on' | 'once'>

/** Tells the other end that this one is there. */
export function sendPings(socket: Pulsing, clock: Clock): void {
  const timer = every(clock, PING_EVERY_MS, () => socket.ping())
  socket.once('close', () => timer[Symbol.dispose]())
}

/**
 * Ends a connection whose other end answers no ping any more. A host that lost its power and a program that was stopped
 * close nothing, and would keep what they had for ever.
 *
 * Pings are counted, not time: whoever stood still itself must not take that for the silence of all others.
 */
export function mustAnswerPings(socket: Pulsing, clock: Clock): void {
  mustHear('pong', socket, clock)
}

/** The other end of it: an agent that does not ping is gone, or its host is. */
export function mustHearPings(socket: Pulsing, clock: Clock): void {
  mustHear('ping', socket, clock)
}

function mustHear(what: 'ping' | 'pong', socket: Pulsing, clock: Clock): void {
  let missed = 0
  socket.on(what, () => void (missed = 0))
  const timer = every(clock, PING_EVERY_MS, () => {
    if (missed++ > MOST_UNANSWERED) socket.terminate()
  })
  socket.once('close', () => timer[Symbol.dispose]())
}
