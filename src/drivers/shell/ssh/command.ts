import { constants } from 'node:os'
import type { Client, ClientChannel } from 'ssh2'
import { Fault } from '../../../base/fault.ts'

/** A command that runs on a channel of its own. */
export interface RunningCommand {
  /** Settles when both outputs ended: the exit status may come before the last data. Rejects when there is no exit status. */
  readonly ended: Promise<{ exitCode: number; stdout: Buffer; stderr: Buffer }>
  /** Ends it as far as the server lets us; resolves when its channel is closed, or was given up. */
  stop(): Promise<void>
}

/** Both outputs together may be as long as this. */
export const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Starts a command line. Errors: the plain error of a channel that could not be opened. */
export async function startCommand(
  client: Client,
  line: string,
  input: Uint8Array | undefined,
): Promise<RunningCommand> {
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const ended = Promise.withResolvers<{ exitCode: number; stdout: Buffer; stderr: Buffer }>()
  ended.promise.catch(() => {})
  let size = 0
  let exitCode: number | undefined
  const stop = (channel: ClientChannel): void => {
    // Servers that know no signals (RFC 4254 §6.9 is optional) still close the channel.
    channel.signal('KILL')
    channel.close()
  }
  const keep = (channel: ClientChannel, chunks: Buffer[], chunk: Buffer): void => {
    size += chunk.length
    if (size <= MAX_OUTPUT_BYTES) return void chunks.push(chunk)
    stop(channel)
    ended.reject(tooMuchOutput(line))
  }
  const attach = (channel: ClientChannel): void => {
    channel.on('data', (chunk: Buffer) => keep(channel, stdout, chunk))
    // Unread, stderr would fill the window and stall stdout as well.
    channel.stderr.on('data', (chunk: Buffer) => keep(channel, stderr, chunk))
    channel.on('exit', (code: number | null, signal?: string) => (exitCode = code ?? signalCode(signal)))
    channel.on('error', (error: Error) => ended.reject(error))
    channel.once('close', () => {
      if (exitCode === undefined) ended.reject(new Error('the channel closed without an exit status'))
      else ended.resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
    })
    // Not `end()`: once both directions have ended, the stream destroys itself and with it the channel, while a slow
    // server has yet to send the exit status.
    if (input?.length) channel.write(input, () => channel.eof())
    else channel.eof()
  }
  const channel = await openChannel(client, line, attach)
  const closed = new Promise<void>(resolve => channel.once('close', () => resolve()))
  return {
    ended: ended.promise,
    stop: async () => {
      if (channel.destroyed) return
      stop(channel)
      await Promise.race([closed, new Promise(resolve => setTimeout(resolve, STOP_GRACE_MS))])
    },
  }
}

/** A server that does not close a channel in this time is not waited for. */
const STOP_GRACE_MS = 500

function openChannel(client: Client, line: string, attach: (channel: ClientChannel) => void): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    // Throws by itself when the client is not connected any more; a promise turns that into a rejection.
    client.exec(line, (error, channel) => {
      if (error) {
        reject(error)
        return
      }
      // At once: a short command's exit status may stand in the same packet, and is told to whoever listens by then.
      attach(channel)
      resolve(channel)
    })
  })
}

function signalCode(signal: string | undefined): number | undefined {
  if (signal === undefined) return undefined
  const name = signal.startsWith('SIG') ? signal : `SIG${signal}`
  return 128 + ((constants.signals as Record<string, number>)[name] ?? 0)
}

function tooMuchOutput(line: string): Fault {
  return new Fault('test/misuse', {
    expected: `at most ${MAX_OUTPUT_BYTES} bytes of output of '${line.slice(0, 200)}'`,
    seen: 'more',
    next: 'filter on the board, or write to a file there',
  })
}
