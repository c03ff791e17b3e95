import { constants } from 'node:os'
import type { Client, ClientChannel } from 'ssh2'
import { Fault } from '../../../base/fault.ts'

/** A command that runs on a channel of its own. */
export interface RunningCommand {
  /** Settles when both outputs ended: the exit status may come before the last data. Rejects when there is no exit status. */
  readonly ended: Promise<{ exitCode: number; stdout: Buffer; stderr: Buffer }>
  /** Ends it, as far as the server lets us, and frees the channel. */
  stop(): void
}

/** Both outputs together may be as long as this. */
export const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Starts a command line. Errors: the plain error of a channel that could not be opened. */
export async function startCommand(
  client: Client,
  line: string,
  input: Uint8Array | undefined,
): Promise<RunningCommand> {
  const channel = await openChannel(client, line, OPEN_ATTEMPTS)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  const ended = Promise.withResolvers<{ exitCode: number; stdout: Buffer; stderr: Buffer }>()
  ended.promise.catch(() => {})
  let size = 0
  let exitCode: number | undefined
  const stop = (): void => {
    // Servers that know no signals (RFC 4254 §6.9 is optional) still close the channel.
    channel.signal('KILL')
    channel.close()
  }
  const keep = (chunks: Buffer[], chunk: Buffer): void => {
    size += chunk.length
    if (size <= MAX_OUTPUT_BYTES) return void chunks.push(chunk)
    stop()
    ended.reject(tooMuchOutput(line))
  }
  channel.on('data', (chunk: Buffer) => keep(stdout, chunk))
  // Unread, stderr would fill the window and stall stdout as well.
  channel.stderr.on('data', (chunk: Buffer) => keep(stderr, chunk))
  channel.on('exit', (code: number | null, signal?: string) => (exitCode = code ?? signalCode(signal)))
  channel.on('error', (error: Error) => ended.reject(error))
  channel.once('close', () => {
    if (exitCode === undefined) ended.reject(new Error('the channel closed without an exit status'))
    else ended.resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) })
  })
  channel.end(input)
  return { ended: ended.promise, stop }
}

/**
 * Dropbear closes a new session channel whose command has not arrived yet when another channel's command ends just
 * then (a third of 20 parallel commands). The command was not started, so it may be asked for again.
 */
const OPEN_ATTEMPTS = 20

async function openChannel(client: Client, line: string, attempts: number): Promise<ClientChannel> {
  try {
    return await execOnce(client, line)
  } catch (error) {
    if (attempts <= 1 || (error as Error).message !== 'Unable to exec') throw error
    return await openChannel(client, line, attempts - 1)
  }
}

function execOnce(client: Client, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    // Throws by itself when the client is not connected any more; a promise turns that into a rejection.
    client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)))
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
