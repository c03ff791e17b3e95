import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isFull } from '../base/disk.ts'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import { digestFile } from './file-digest.ts'
import type { CacheEntry, ImageCache } from './cache.ts'
import { promisedDigests, readSidecar } from './companions.ts'
import { download, forget, type DownloadOptions } from './download.ts'
import { fetchCompanions } from './fetch-companions.ts'
import { Http, shownUrl } from './http.ts'

export interface FetchOptions extends Partial<Pick<DownloadOptions, 'progress' | 'stallMs' | 'retryMs'>> {
  readonly cache: ImageCache
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Something the person who waits should know. */
  readonly note?: (text: string) => void
}

/** A file that came from a URL, and the digest it had then. */
export interface FetchedImage {
  readonly path: string
  readonly sha256: string
}

/**
 * Brings an image and what lies beside it into the cache. An unchanged one is not fetched again, by its ETag or by the
 * checksum its server publishes; of several processes one fetches, and the others wait for it.
 *
 * Errors: as `download`; `configuration/image` when it is not what its checksum says.
 */
export async function fetchImage(url: string, options: FetchOptions): Promise<FetchedImage> {
  const { cache, signal, note = () => undefined } = options
  const shown = shownUrl(url)
  await using _lock = await cache.lock(url, signal, () => note(`waits for another hil that fetches ${shown}`))
  using http = new Http()
  const name = nameOf(url)
  const folder = await cache.folderOf(url)
  try {
    await fetchCompanions(url, folder, { ...options, http })
    const promised = promisedDigests(join(folder, name), readSidecar(join(folder, name)))[0]?.sha256
    const known = await cache.entryOf(url, name)
    // What its server promises is here already, maybe by another URL: nothing to ask.
    if (promised !== undefined && (await cache.hasBlob(promised, signal)))
      return await named({ sha256: promised, etag: known?.sha256 === promised ? known.etag : undefined })
    const entry = promised === undefined && known && (await cache.hasBlob(known.sha256, signal)) ? known : undefined
    const part = await cache.partOf(url)
    const version = await download(url, part, {
      ...options,
      http,
      knownEtag: entry?.etag,
      makeRoom: bytes => cache.makeRoom(bytes),
      progress: options.progress ?? (() => undefined),
    })
    if (version === 'unchanged' && entry) return await named(entry)
    const { sha256 } = await digestFile(part, undefined, [], signal)
    if (promised !== undefined && sha256 !== promised) {
      await forget(part)
      throw new Fault('configuration/image', {
        expected: `${shown} to have the SHA-256 ${promised} that its server publishes beside it`,
        seen: sha256,
        next: 'start again; if it stays so, image and checksum on the server are of different builds',
      })
    }
    await rename(part, cache.blobOf(sha256))
    await forget(part)
    return await named({ sha256, etag: version === 'unchanged' ? undefined : version.etag })
  } catch (error) {
    throw isFull(error) ? cache.full('a full disk while it was fetched', error) : error
  }

  async function named({ sha256, etag }: Pick<CacheEntry, 'sha256' | 'etag'>): Promise<FetchedImage> {
    return { path: await cache.enter(url, name, { sha256, etag }), sha256 }
  }
}

/** The last part of a URL's path. Errors: `configuration/image` where there is none. */
function nameOf(url: string): string {
  const name = decodeURIComponent(basename(new URL(url).pathname))
  if (/^[^/\0]+$/.test(name) && !['part', 'entry.json', '..', '.'].includes(name)) return name
  throw new Fault('configuration/image', { expected: 'a URL that ends in the name of an image', seen: shownUrl(url) })
}
