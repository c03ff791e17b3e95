import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import ssh2, { type Client, type ConnectConfig } from 'ssh2'
import { Fault } from '../../../base/fault.ts'
import { abortable, within } from '../../../base/time.ts'
import type { HostKeyCheck, ShellAddress } from '../../../controls/shell.ts'

/** A connection that was let in. `lost` aborts when it ends; its reason is an Error that says why. */
export interface OpenClient {
  readonly client: Client
  readonly lost: AbortSignal
  /** How many commands its server can run at once. */
  readonly channels: number
}

interface OpenOptions {
  readonly check: HostKeyCheck
  /** A channel to run through, instead of a TCP connection of our own. */
  readonly sock?: Duplex | undefined
  readonly limitMs: number
}

/** Connects, checks the host key, logs in. Nothing stays open when it fails. */
export async function openClient(
  address: ShellAddress,
  { check, sock, limitMs }: OpenOptions,
  signal: AbortSignal,
): Promise<OpenClient> {
  const privateKey = address.key === undefined ? undefined : await readKey(address.key)
  const client = new ssh2.Client()
  const ready = Promise.withResolvers<void>()
  const lost = new AbortController()
  let reason = 'the connection was closed'
  let refusal: unknown
  client.on('error', (error: Error & { level?: string }) => {
    reason = error.message
    ready.reject(refusal ?? connectFault(address, error))
  })
  client.once('close', () => {
    ready.reject(refusal ?? connectFault(address, new Error(reason)))
    lost.abort(new Error(reason))
  })
  client.once('ready', () => ready.resolve())
  // ssh2 leaves Nagle's algorithm on: 44 ms for each command instead of 4.
  client.once('connect', () => client.setNoDelay(true))
  const config: ConnectConfig = {
    host: address.host,
    port: address.port,
    username: address.user,
    readyTimeout: limitMs,
    ...(address.password !== undefined && { password: address.password }),
    ...(privateKey && { privateKey }),
    ...(sock && { sock }),
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVE_COUNT,
    hostVerifier: (key: Buffer) => {
      try {
        check(address.host, fingerprintOf(key))
        return true
      } catch (error) {
        refusal = error
        return false
      }
    },
  }
  const late = (): Fault => unreachable(address, `no login in ${limitMs} ms`)
  try {
    client.connect(config)
    await within(limitMs, late, limited => abortable(ready.promise, limited), signal)
    return { client, lost: lost.signal, channels: channelsOf(client) }
  } catch (error) {
    client.destroy()
    sock?.destroy()
    throw error instanceof Fault || signal.aborted || error === refusal ? error : connectFault(address, error as Error)
  }
}

/** Together: a board without power is noticed after 10 s. Less would blame the network for a busy emulated board. */
const KEEPALIVE_MS = 2000
const KEEPALIVE_COUNT = 5

/**
 * OpenSSH refuses an eleventh channel (MaxSessions 10). Dropbear 2022.83 is safe with one only: when a command ends
 * between the opening of another channel and the arrival of its command, it closes that channel and then dies of its
 * own assertion (common-channel.c:705), and the connection with it.
 */
function channelsOf(client: Client): number {
  // ssh2 tells nobody what the server called itself.
  const { _remoteVer: server } = client as unknown as { readonly _remoteVer?: string }
  return server?.startsWith('dropbear') ? 1 : 8
}

/** A host key's fingerprint as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

function connectFault(address: ShellAddress, error: Error & { level?: string }): Fault {
  if (error.level === 'client-authentication')
    return new Fault('product/ssh-auth', {
      expected: `${address.user}@${address.host}:${address.port} to be let in by ${methods(address)}`,
      seen: error.message,
    })
  if (/parse.*privateKey/i.test(error.message)) return badKey(address.key ?? '', error)
  return unreachable(address, error.message)
}

function unreachable(address: ShellAddress, seen: string): Fault {
  return new Fault('infrastructure/ssh-unreachable', {
    expected: `an SSH server at ${address.host}:${address.port}`,
    seen,
  })
}

function methods(address: ShellAddress): string {
  const offered = [address.password !== undefined && 'password', address.key !== undefined && 'key'].filter(Boolean)
  return offered.join(' or ') || 'nothing: the bench file names neither password nor key'
}

async function readKey(path: string): Promise<Buffer> {
  return await readFile(path).catch((error: Error) => {
    throw badKey(path, error)
  })
}

function badKey(path: string, cause: Error): Fault {
  return new Fault('configuration/login', { expected: `a private key in ${path}`, seen: cause.message, cause })
}
