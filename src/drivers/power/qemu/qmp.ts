import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { Fault } from '../../../base/fault.ts'
import { within } from '../../../base/time.ts'

/**
 * Asks a running QEMU one thing and hangs up: it serves one monitor connection at a time, other processes wait.
 *
 * Errors: `infrastructure/power` when nobody answers in time; the plain error of a socket that cannot be reached.
 * Source: https://www.qemu.org/docs/master/interop/qmp-spec.html
 */
export async function askQmp(
  socketPath: string,
  command: 'query-cpus-fast' | 'query-status' | 'quit',
  signal: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<unknown> {
  const late = (): Fault =>
    new Fault('infrastructure/power', {
      expected: `QEMU to answer ${command} in ${limitMs} ms`,
      seen: 'a process that is there and says nothing',
      next: 'kill it: its pid is in qemu.pid beside the socket',
      evidence: [socketPath],
    })
  return await within(limitMs, late, limited => converse(socketPath, command, limited), signal)
}

const LIMIT_MS = 5000

interface QmpLine {
  readonly QMP?: unknown
  readonly return?: unknown
  readonly id?: string
  readonly error?: { readonly desc: string }
}

async function converse(socketPath: string, command: string, signal: AbortSignal): Promise<unknown> {
  const socket = connect({ path: socketPath, signal })
  const broken = Promise.withResolvers<never>()
  socket.once('error', error => broken.reject(signal.aborted ? (signal.reason as Error) : error))
  socket.once('close', () => broken.reject(new Error('QEMU hung up')))
  broken.promise.catch(() => {})
  try {
    return await Promise.race([broken.promise, dialogue(socket, command)])
  } finally {
    socket.destroy()
  }
}

async function dialogue(socket: ReturnType<typeof connect>, command: string): Promise<unknown> {
  for await (const text of createInterface({ input: socket })) {
    const line = JSON.parse(text) as QmpLine
    if (line.QMP) socket.write(`{"execute":"qmp_capabilities"}{"execute":"${command}","id":"asked"}\n`)
    if (line.error) throw new Error(`QEMU refused ${command}: ${line.error.desc}`)
    if (line.id === 'asked') return line.return
  }
  throw new Error('QEMU hung up')
}
