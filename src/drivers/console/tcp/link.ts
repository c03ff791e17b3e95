import { createConnection, type Socket } from 'node:net'
import { Fault } from '../../../base/fault.ts'
import { abortable, within } from '../../../base/time.ts'
import type { OpenLink } from '../shared/reopening-line.ts'
import type { PortSettings } from './com-port.ts'
import { talk, type Mode, type Talk } from './talk.ts'

export interface TcpOptions extends PortSettings {
  readonly host: string
  readonly port: number
  readonly mode: Mode
}

const CONNECT_LIMIT_MS = 5000
const ANSWER_LIMIT_MS = 5000
const CLOSE_LIMIT_MS = 500
/** With the kernel's ten questions, one a second, a dead server shows within 20 s. */
const KEEP_ALIVE_MS = 10_000

/** How to connect to a line behind TCP, again and again. Errors: `infrastructure/tty-open`. */
export function tcpLink(options: TcpOptions): OpenLink {
  return async (events, signal) => {
    const socket = await connect(options, signal)
    const closed = new AbortController()
    let broken: Error | undefined
    socket.on('error', error => (broken = error))
    socket.once('close', () => {
      const reason = broken ? `the connection broke: ${broken.message}` : 'the server closed the connection'
      closed.abort(new Error(reason))
      events.closed(reason)
    })
    try {
      const talking = talk(options, events, bytes => void socket.write(bytes))
      socket.on('data', chunk => talking.feed(chunk))
      await settle(talking, options, AbortSignal.any([signal, closed.signal]))
      return {
        write: async bytes => await abortable(writeTo(socket, talking.escape(bytes)), closed.signal),
        close: async () => await close(socket),
      }
    } catch (error) {
      await close(socket)
      signal.throwIfAborted()
      throw error instanceof Fault ? error : cannotOpen(options, (error as Error).message, error)
    }
  }
}

async function settle(talking: Talk, options: TcpOptions, signal: AbortSignal): Promise<void> {
  const late = (): Fault => {
    const missing = talking.unconfirmed().join(', ')
    return cannotOpen(options, `no answer of the server to ${missing} within ${ANSWER_LIMIT_MS / 1000} s`)
  }
  await within(ANSWER_LIMIT_MS, late, async signal => await abortable(talking.settled, signal), signal)
}

async function connect(options: TcpOptions, signal: AbortSignal): Promise<Socket> {
  const { host, port } = options
  const late = (): Fault => cannotOpen(options, `no connection within ${CONNECT_LIMIT_MS / 1000} s`)
  signal.throwIfAborted()
  const socket = createConnection({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS })
  const connected = new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  try {
    await within(CONNECT_LIMIT_MS, late, async signal => await abortable(connected, signal), signal)
    // On one host, a port that nobody listens on may be given to this very connection, which then talks to itself.
    if (socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress)
      throw new Error('nobody listens there')
    return socket
  } catch (error) {
    socket.on('error', () => {}).destroy()
    signal.throwIfAborted()
    throw error instanceof Fault ? error : cannotOpen(options, (error as Error).message, error)
  }
}

function writeTo(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => socket.write(bytes, error => (error ? reject(error) : resolve())))
}

/** A goodbye, so that the server frees its port, but no waiting for a server that is gone. */
async function close(socket: Socket): Promise<void> {
  if (socket.destroyed) return
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.end(() => socket.destroy())
  const timer = setTimeout(() => socket.destroy(), CLOSE_LIMIT_MS)
  await closed
  clearTimeout(timer)
}

function cannotOpen({ host, port, mode }: TcpOptions, seen: string, cause?: unknown): Fault {
  return new Fault('infrastructure/tty-open', {
    expected: `to open the console behind ${host}:${port} (${mode})`,
    seen,
    next: 'check that the terminal server runs, that its port is free, and that console.mode is the one it speaks',
    cause,
  })
}
