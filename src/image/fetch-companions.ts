import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock } from '../base/time.ts'
import { within } from '../base/time.ts'
import { bmapNames, CHECKSUM_LISTS } from './companions.ts'
import { downloadFault, type Http } from './http.ts'

/** Provenance that lists every dependency of a build has about a megabyte. */
const MAX_BYTES = 32 << 20
const LIMIT_MS = 60_000
const TRIES = 3

/**
 * Brings what lies beside an image on its server into a folder, and removes there what the server no longer has.
 *
 * Errors: `infrastructure/download`: a signature that could not be fetched must not look like none.
 */
export async function fetchCompanions(
  url: string,
  folder: string,
  options: { http: Http; clock: Clock; signal: AbortSignal; retryMs?: number },
): Promise<void> {
  const name = basename(new URL(url).pathname)
  const beside = [
    ...['json', 'sha256', 'sig', 'provenance.json', 'provenance.json.sig', 'intoto.jsonl'].map(end => `${name}.${end}`),
    ...CHECKSUM_LISTS,
    ...bmapNames(decodeURIComponent(name)).map(encodeURIComponent),
    ...['provenance.json', 'provenance.json.sig'].flatMap(file => [file, `../attestations/${file}`]),
  ]
  const fetched = await Promise.all(
    beside.map(async place => ({
      file: decodeURIComponent(basename(place)),
      bytes: await fetchSmall(placeOf(url, place), options),
    })),
  )
  for (const file of new Set(fetched.map(({ file }) => file))) {
    const bytes = fetched.find(found => found.file === file && found.bytes)?.bytes
    const path = join(folder, file)
    if (!bytes) await rm(path, { force: true })
    else {
      await writeFile(`${path}.new`, bytes)
      await rename(`${path}.new`, path)
    }
  }
}

/** The same URL with another path; a query may hold what it takes to be let in. */
function placeOf(url: string, place: string): string {
  const at = new URL(url)
  at.pathname = new URL(place, `${at.origin}${at.pathname}`).pathname
  return at.href
}

/** A small file, or undefined where the server has none: it says so, or answers with a page for people. */
async function fetchSmall(
  url: string,
  { http, clock, signal, retryMs = 500 }: { http: Http; clock: Clock; signal: AbortSignal; retryMs?: number },
): Promise<Buffer | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      const late = (): ReturnType<typeof downloadFault> => downloadFault(url, `no whole answer in ${LIMIT_MS / 1000} s`)
      return await within(LIMIT_MS, late, inTime => fetchOnce(http, url, inTime), signal)
    } catch (error) {
      signal.throwIfAborted()
      if (tries >= TRIES) throw error
      await clock.sleep(retryMs * 2 ** (tries - 1), signal)
    }
  }
}

async function fetchOnce(http: Http, url: string, signal: AbortSignal): Promise<Buffer | undefined> {
  const { status, headers, body } = await http.get(url, {}, signal)
  if (status >= 500 || status === 429) {
    body.destroy()
    throw downloadFault(url, `${status}`)
  }
  if (status !== 200 || /^text\/html\b/.test(headers['content-type'] ?? '')) {
    body.resume()
    return undefined
  }
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_BYTES) throw downloadFault(url, `more than ${MAX_BYTES >> 20} MiB beside an image`)
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw downloadFault(url, (cause as Error).message, cause)
  }
  return Buffer.concat(chunks)
}
