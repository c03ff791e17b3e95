import type { WebSocket } from 'ws'
import { stoodStillMs } from '../base/standstill.ts'
import { every, type Clock } from '../base/time.ts'

export interface PulseLimits {
  readonly askEveryMs: number
  readonly silentMs: number
}

/** Longer than any process of ours is kept from answering; a lease is over by then that its agent cannot renew. */
const LIMITS: PulseLimits = { askEveryMs: 10_000, silentMs: 60_000 }
/** How long the last word may take to be on its way. */
const FAREWELL_MS = 200
/** Of those that applications may choose. Source: RFC 6455, 7.4.2. */
const SILENT = 4408

/**
 * Ends a connection at whose other end nobody answers: a process that was stopped, a host that went without a word. Whoever is
 * there again hears why. `onSilent`: told before it ends.
 */
export function endWhenSilent(
  socket: WebSocket,
  clock: Clock,
  onSilent: (why: string) => void = () => undefined,
  { askEveryMs, silentMs }: PulseLimits = LIMITS,
): void {
  let heard = true
  let heardMs = 0
  let stillMs = stoodStillMs()
  for (const sign of ['message', 'ping', 'pong'] as const) socket.on(sign, () => (heard = true))
  const look = (): void => {
    const nowMs = clock.ticksMs()
    if (heard) heardMs = nowMs
    heard = false
    // What the other end said meanwhile is read first: to write to one that has hung up would lose it.
    const stoodStill = stoodStillMs() > stillMs
    stillMs = stoodStillMs()
    if (stoodStill) return
    if (nowMs - heardMs < silentMs) {
      if (socket.readyState === socket.OPEN) socket.ping()
      return
    }
    const why = `nothing was heard for ${Math.round((nowMs - heardMs) / 1000)} s`
    onSilent(why)
    socket.close(SILENT, why)
    clock.after(FAREWELL_MS, () => socket.terminate())
    timer[Symbol.dispose]()
  }
  const timer = every(clock, askEveryMs, look)
  look()
  socket.once('close', () => timer[Symbol.dispose]())
}
