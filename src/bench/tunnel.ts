import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../base/fault.ts'
import type { Shell } from '../controls/shell.ts'

const CHANNEL_LIMIT_MS = 15_000

/**
 * Listens on a free port of 127.0.0.1 until `signal`; each connection to it goes on to `port` of the shell's own machine.
 *
 * Errors: `test/misuse` for a shell without network. A connection that cannot go on is closed, as by a machine where nobody listens.
 */
export async function openTunnel(shell: Shell, port: number, signal: AbortSignal): Promise<number> {
  if (!shell.forward)
    throw new Fault('test/misuse', { expected: 'a shell over the network', seen: 'one over the serial console' })
  // One side may have said all that it has to say, and still listen.
  const server = createServer({ allowHalfOpen: true }, socket => void carry(socket, shell, port, signal))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening', { signal })
  signal.addEventListener('abort', () => server.close(), { once: true })
  return (server.address() as AddressInfo).port
}

/** Whoever connected learns of a failure by the end of its connection. */
async function carry(socket: Socket, shell: Shell, port: number, signal: AbortSignal): Promise<void> {
  socket.on('error', () => undefined)
  try {
    const channel = await shell.forward!('127.0.0.1', port, CHANNEL_LIMIT_MS, signal)
    await Promise.all([pipeline(socket, channel, { signal }), pipeline(channel, socket, { signal })])
  } catch {
    socket.destroy()
  }
}
