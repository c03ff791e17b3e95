import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemClock } from '../base/time.ts'
import { ImageCache } from './cache.ts'
import type { FetchOptions } from './fetch-image.ts'
import { loadTrustedKeys, type TrustedKey } from './trust.ts'

export const MIB = 1 << 20

export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A disk with a GPT and one partition; `diskBytes` is what its table says, the rest is what is in `data`. */
export function diskImage(diskBytes = 2 * MIB, data = Buffer.alloc(0)): Buffer {
  const disk = Buffer.alloc(diskBytes)
  data.copy(disk, MIB)
  const entries = Buffer.alloc(128 * 128)
  Buffer.from('af3dc60f838472478e793d69d8477de4', 'hex').copy(entries, 0)
  entries.writeBigUInt64LE(2048n, 32)
  entries.writeBigUInt64LE(BigInt(diskBytes / 512 - 34 - 1), 40)
  entries.write('root', 56, 'utf16le')
  entries.copy(disk, 1024)
  const header = disk.subarray(512, 512 + 92)
  header.write('EFI PART', 0)
  header.writeUInt32LE(0x00010000, 8)
  header.writeUInt32LE(92, 12)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(BigInt(diskBytes / 512 - 1), 32)
  header.writeBigUInt64LE(2n, 72)
  header.writeUInt32LE(128, 80)
  header.writeUInt32LE(128, 84)
  header.writeUInt32LE(crc32(entries), 88)
  header.writeUInt32LE(crc32(header), 16)
  disk.writeUInt16LE(0xaa55, 510)
  disk[446 + 4] = 0xee
  return disk
}

/** A key pair, the public part in a PEM file and trusted. */
export function keyPair(
  folder: string,
  name: string,
  kind: 'ed25519' | 'ec' | 'rsa',
  lines: TrustedKey['lines'] = [],
): { privateKey: KeyObject; trusted: TrustedKey; path: string } {
  const { privateKey, publicKey } =
    kind === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : kind === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const path = join(folder, `${name}.pem`)
  writeFileSync(path, publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return { privateKey, trusted: loadTrustedKeys([{ key: path, lines: [...lines] }])[0]!, path }
}

/** A file of the server, and in what way it is served. */
export interface Served {
  bytes: Buffer
  etag?: string
  type?: string
  /** Sends so many bytes of the body, then breaks the connection. Counts down with every request when an array. */
  cutAfter?: number[]
  /** Answers with ranges of what it has, whatever version was asked for. */
  ignoresIfRange?: true
  /** Sends so many bytes, then nothing more. */
  stallAfter?: number
  /** Answers so instead. */
  status?: number
  location?: string
}

/** A real HTTP server on this host that knows ranges and validators, and can misbehave. */
export class ImageServer implements AsyncDisposable {
  readonly files = new Map<string, Served>()
  /** `GET /path` with `bytes=…` or the ETag asked for, in order. */
  readonly asked: string[] = []
  readonly #server: Server
  #port = 0

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response))
  }

  static async open(): Promise<ImageServer> {
    const server = new ImageServer()
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    server.#port = (server.#server.address() as AddressInfo).port
    return server
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`
  }

  /** Requests for one path. */
  askedFor(path: string): string[] {
    return this.asked.filter(line => line.split(' ')[1] === path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const path = new URL(url, 'http://host').pathname
    this.asked.push(`GET ${path} ${headers.range ?? headers['if-none-match'] ?? ''}`.trim())
    const file = this.files.get(path)
    if (!file || file.status !== undefined) {
      response
        .writeHead(file?.status ?? 404, { ...(file?.location && { location: file.location }) })
        .end('no such file')
      return
    }
    const { bytes, etag, type = 'application/octet-stream' } = file
    if (etag !== undefined && headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end()
      return
    }
    const range = /^bytes=(\d+)-$/.exec(headers.range ?? '')
    const from =
      range && (headers['if-range'] === undefined || headers['if-range'] === etag || file.ignoresIfRange)
        ? Number(range[1])
        : 0
    const common = { ...(etag !== undefined && { etag }), 'content-type': type, 'accept-ranges': 'bytes' }
    if (from > 0 && from >= bytes.length) {
      response.writeHead(416, { ...common, 'content-range': `bytes */${bytes.length}` }).end()
      return
    }
    const body = bytes.subarray(from)
    const partial = from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    response.writeHead(from > 0 ? 206 : 200, { ...common, ...partial, 'content-length': body.length })
    const cut = file.cutAfter?.shift()
    if (cut !== undefined) response.write(body.subarray(0, cut), () => response.socket?.destroy())
    else if (file.stallAfter !== undefined) response.write(body.subarray(0, file.stallAfter))
    else response.end(body)
  }
}

/** Fetching into a cache of the test's own, with short waits. */
export function fetchOptions(folder: string, signal: AbortSignal, more: Partial<FetchOptions> = {}): FetchOptions {
  const cache = new ImageCache({ folder, nowMs: () => Date.now() })
  return { cache, clock: systemClock, signal, retryMs: 5, ...more }
}
