import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { Fault } from '../base/fault.ts'
import { humanSize } from '../base/text.ts'
import type { Clock } from '../base/time.ts'
import { downloadFault, shownUrl, type Answer, type Http } from './http.ts'

/** How far a download has come. */
export interface DownloadProgress {
  readonly url: string
  readonly doneBytes: number
  readonly totalBytes: number | undefined
}

export interface DownloadOptions {
  readonly http: Http
  readonly clock: Clock
  readonly signal: AbortSignal
  /** The validator of a copy that is already here: an unchanged file is not fetched again. */
  readonly knownEtag?: string | undefined
  /** How long a server may send nothing before it is asked again. */
  readonly stallMs?: number
  readonly retryMs?: number
  /** Told once the size is known and before anything is written. */
  readonly makeRoom: (bytes: number) => Promise<void>
  readonly progress: (report: DownloadProgress) => void
}

/** What a server says a file is; a download goes on later only where this is still the same. */
const VALIDATORS = ['etag', 'last-modified'] as const
interface Version {
  readonly etag?: string
  readonly 'last-modified'?: string
  readonly totalBytes?: number
}

const STALL_MS = 30_000
const RETRY_MS = 500
const TRIES = 6
/** A try that brought this much was worth it: those before it are forgotten. */
const WORTHWHILE_BYTES = 1 << 20

/**
 * Fetches a URL into a file, going on where an earlier try or process stopped. Resolves to `unchanged`, or to what the
 * server says the file is.
 *
 * Errors: `configuration/image` where the server has no such file; `infrastructure/download` after six tries in a row
 * that brought next to nothing, `infrastructure/disk-full`. What was fetched stays for the next time.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<'unchanged' | Version> {
  for (let tries = 1; ; tries++) {
    const before = await sizeOf(path)
    try {
      return await fetchOnce(url, path, options)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof Fault) || error.code !== 'infrastructure/download') throw error
      if ((await sizeOf(path)) - before >= WORTHWHILE_BYTES) tries = 1
      if (tries >= TRIES) throw error
      await options.clock.sleep((options.retryMs ?? RETRY_MS) * 2 ** (tries - 1), options.signal)
    }
  }
}

async function fetchOnce(url: string, path: string, options: DownloadOptions): Promise<'unchanged' | Version> {
  const { http, signal, knownEtag, stallMs = STALL_MS } = options
  const part = await partAt(path)
  const stall = new AbortController()
  const stalled = (): void => stall.abort(downloadFault(url, `nothing for ${stallMs / 1000} s`))
  let timer = setTimeout(stalled, stallMs)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(stalled, stallMs)
  }
  try {
    const answer = await http.get(url, conditions(part, knownEtag), AbortSignal.any([signal, stall.signal]))
    alive()
    if (answer.status === 304) return discard(answer, 'unchanged' as const)
    if (answer.status === 416) {
      // Nothing behind what is here: either that is all, or it is something else.
      await discard(answer, undefined)
      if (part?.totalBytes === part?.sizeBytes && part) return part
      await forget(path)
      throw downloadFault(url, 'a file that became shorter meanwhile')
    }
    const from = mustBeFile(url, answer, part)
    if (from === undefined) {
      // What is here cannot be gone on with, and every later try would be answered alike.
      await forget(path)
      throw downloadFault(url, `another part than asked for (${answer.headers['content-range'] ?? 'none named'})`)
    }
    const version = versionOf(answer, from)
    if (from === 0) await writeFile(`${path}.json`, JSON.stringify(version))
    if (version.totalBytes !== undefined) await options.makeRoom(version.totalBytes - from)
    await save(url, answer, path, from, version.totalBytes, alive, options.progress)
    return version
  } catch (error) {
    throw stall.signal.aborted && !signal.aborted ? stall.signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

type Part = Version & { readonly sizeBytes: number }

/** What is here of a file that can be gone on with. */
async function partAt(path: string): Promise<Part | undefined> {
  const sizeBytes = await sizeOf(path)
  if (sizeBytes === 0) return undefined
  try {
    const version = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Version
    return VALIDATORS.some(name => version[name] !== undefined) ? { ...version, sizeBytes } : undefined
  } catch {
    return undefined
  }
}

/** Without a strong validator of the same file, bytes of two different ones could be put together (RFC 9110 §13.1.5). */
function conditions(part: Part | undefined, knownEtag: string | undefined): Record<string, string> {
  if (part) return { range: `bytes=${part.sizeBytes}-`, 'if-range': part.etag ?? part['last-modified'] ?? '' }
  return knownEtag === undefined ? {} : { 'if-none-match': knownEtag }
}

/** Where in the file the body begins; undefined for a part that does not fit what is here. Errors: an answer that is no file. */
function mustBeFile(url: string, { status, headers, body }: Answer, part: Part | undefined): number | undefined {
  if (status === 200) return 0
  if (status === 206 && part) {
    const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
    const sameSize = total === '*' || part.totalBytes === undefined || Number(total) === part.totalBytes
    // Servers were seen to answer with a part whatever `if-range` says.
    const sameVersion = part.etag === undefined || headers.etag === undefined || headers.etag === part.etag
    if (Number(from) === part.sizeBytes && sameSize && sameVersion) return part.sizeBytes
    body.destroy()
    return undefined
  }
  body.destroy()
  const said = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (status >= 500 || status === 408 || status === 429) throw downloadFault(url, said)
  throw new Fault('configuration/image', {
    expected: `an image at ${shownUrl(url)}`,
    seen: said,
    next: status === 401 || status === 403 ? 'name a URL this host may read' : 'correct the URL',
  })
}

function versionOf({ headers }: Answer, from: number): Version {
  const { etag, 'last-modified': modified, 'content-length': length } = headers
  return {
    // A weak one says "much the same", which is not enough for bytes.
    ...(etag !== undefined && !etag.startsWith('W/') && { etag }),
    ...(modified !== undefined && { 'last-modified': modified }),
    ...(length !== undefined && { totalBytes: from + Number(length) }),
  }
}

async function save(
  url: string,
  { body }: Answer,
  path: string,
  from: number,
  totalBytes: number | undefined,
  alive: () => void,
  progress: DownloadOptions['progress'],
): Promise<void> {
  const file = createWriteStream(path, { flags: from === 0 ? 'w' : 'a' })
  const failed = once(file, 'error').then(([error]) => {
    throw error
  })
  failed.catch(() => undefined)
  let doneBytes = from
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      alive()
      if (!file.write(chunk)) await Promise.race([once(file, 'drain'), failed])
      doneBytes += chunk.length
      progress({ url, doneBytes, totalBytes })
    }
  } catch (cause) {
    if (file.errored) throw file.errored
    throw cause instanceof Fault
      ? cause
      : downloadFault(url, `the connection broke after ${humanSize(doneBytes)}`, cause)
  } finally {
    file.end()
    // What came so far is worth keeping, and must be on disk before its size is believed.
    await Promise.race([once(file, 'close'), failed]).catch(() => undefined)
  }
  if (file.errored) throw file.errored
  if (totalBytes !== undefined && doneBytes !== totalBytes)
    throw downloadFault(url, `${doneBytes} bytes of ${totalBytes}`)
}

/** Forgets a download that was begun. */
export async function forget(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.json`, { force: true })
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}

async function discard<T>({ body }: Answer, value: T): Promise<T> {
  body.resume()
  return value
}
