import { existsSync } from 'node:fs'
import { link, mkdir, readdir, readFile, rename, rm, stat, statfs, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import { humanSize } from '../base/text.ts'
import { digestFile } from './file-digest.ts'
import { NameLock } from './name-lock.ts'

/** What is known of a URL that was fetched. */
export interface CacheEntry {
  readonly etag?: string | undefined
  readonly sha256: string
  readonly sizeBytes: number
}

/** What was used this lately is kept, whatever the limit: a run that is under way may need it yet. */
const IN_USE_MS = 12 * 3_600_000
const DEFAULT_LIMIT_BYTES = 50 * 2 ** 30

/**
 * Images fetched from URLs, kept by their content.
 *
 * Shape: `blobs/<sha256>` is a file; `urls/<key>/` holds a hard link to it under the URL's own name, what lies beside the
 * image on its server, and `entry.json`, whose time is that of the last use.
 * Limits: 50 GiB, or `HIL_CACHE_LIMIT_GIB`; the longest unused go first.
 */
export class ImageCache {
  readonly folder: string
  readonly #limitBytes: number
  readonly #nowMs: () => number

  constructor(options: { folder?: string; limitBytes?: number; nowMs: () => number }) {
    const { HIL_CACHE, HIL_CACHE_LIMIT_GIB } = process.env
    this.folder = options.folder ?? join(HIL_CACHE ?? join(homedir(), '.cache/hil'), 'downloads')
    this.#limitBytes = options.limitBytes ?? (Number(HIL_CACHE_LIMIT_GIB) * 2 ** 30 || DEFAULT_LIMIT_BYTES)
    this.#nowMs = options.nowMs
  }

  /** The folder of a URL, made. */
  async folderOf(url: string): Promise<string> {
    const folder = join(this.folder, 'urls', keyOf(url))
    await mkdir(folder, { recursive: true })
    await mkdir(join(this.folder, 'blobs'), { recursive: true })
    return folder
  }

  /** The right to fetch a URL: another process that wants it waits, and then finds it here. */
  lock(url: string, signal: AbortSignal, onWait: () => void): Promise<NameLock> {
    return NameLock.take(lockName(this.folder, keyOf(url)), signal, onWait)
  }

  /** What a URL gave last, if all of it is still here. */
  async entryOf(url: string, name: string): Promise<CacheEntry | undefined> {
    const folder = await this.folderOf(url)
    try {
      const entry = JSON.parse(await readFile(join(folder, 'entry.json'), 'utf8')) as CacheEntry
      return (await stat(join(folder, name))).size === entry.sizeBytes ? entry : undefined
    } catch {
      return undefined
    }
  }

  /** Whether a blob is here and still what its name says: disks forget, too. One that is not is dropped. */
  async hasBlob(sha256: string, signal: AbortSignal): Promise<boolean> {
    const path = this.blobOf(sha256)
    if (!existsSync(path)) return false
    const { sha256: found } = await digestFile(path, undefined, [], signal)
    if (found !== sha256) await rm(path, { force: true })
    return found === sha256
  }

  blobOf(sha256: string): string {
    return join(this.folder, 'blobs', sha256)
  }

  /** Where a download of a URL grows. */
  async partOf(url: string): Promise<string> {
    return join(await this.folderOf(url), 'part')
  }

  /** Names a blob by a URL, and notes that it was used. Resolves to its path under the URL's own name. */
  async enter(url: string, name: string, { etag, sha256 }: Pick<CacheEntry, 'etag' | 'sha256'>): Promise<string> {
    const folder = await this.folderOf(url)
    const path = join(folder, name)
    await rm(`${path}.new`, { force: true })
    await link(this.blobOf(sha256), `${path}.new`)
    await rename(`${path}.new`, path)
    const { size: sizeBytes } = await stat(path)
    const entry: CacheEntry = { etag, sha256, sizeBytes }
    await writeFile(join(folder, 'entry.json'), JSON.stringify(entry))
    const now = new Date(this.#nowMs())
    await utimes(join(folder, 'entry.json'), now, now)
    return path
  }

  /**
   * Makes room for some bytes: what was unused for longest goes, until limit and disk both leave enough.
   *
   * Errors: `infrastructure/disk-full` when there is nothing left to drop and the disk still has too little.
   */
  async makeRoom(bytes: number): Promise<void> {
    const entries = await this.#entries()
    let used = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    for (const { folder, key, sizeBytes, usedMs } of entries) {
      if (used + bytes <= this.#limitBytes && (await this.#freeBytes()) >= bytes) return
      if (this.#nowMs() - usedMs < IN_USE_MS) break
      await using lock = await NameLock.tryTake(lockName(this.folder, key))
      if (!lock) continue
      await rm(folder, { recursive: true, force: true })
      await this.#dropUnnamed()
      used -= sizeBytes
    }
    const free = await this.#freeBytes()
    if (free < bytes)
      throw this.full(`${humanSize(free)} free, ${humanSize(bytes)} needed, and nothing that was unused for 12 hours`)
  }

  /** The fault of a disk that took no more. */
  full(seen: string, cause?: unknown): Fault {
    return new Fault('infrastructure/disk-full', {
      expected: `room for an image in ${shortPath(this.folder)}`,
      seen,
      next: 'free some space, or set HIL_CACHE to a folder on a larger disk',
      cause,
    })
  }

  async #freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder)
    return bavail * bsize
  }

  /** What is kept, longest unused first; a download that was begun counts by its last byte. */
  async #entries(): Promise<{ folder: string; key: string; sizeBytes: number; usedMs: number }[]> {
    const root = join(this.folder, 'urls')
    const entries = await Promise.all(
      (await readdir(root).catch(() => [])).map(async key => {
        const folder = join(root, key)
        const found = await Promise.all(
          (await readdir(folder)).map(async name => ({ name, ...(await facts(join(folder, name))) })),
        )
        const marks = found.filter(({ name }) => name === 'entry.json' || name === 'part')
        const sizeBytes = found.reduce((sum, { size }) => sum + size, 0)
        return { folder, key, sizeBytes, usedMs: Math.max(0, ...marks.map(({ mtimeMs }) => mtimeMs)) }
      }),
    )
    return entries.sort((a, b) => a.usedMs - b.usedMs)
  }

  /** A blob that no URL names any more has one link left. */
  async #dropUnnamed(): Promise<void> {
    const folder = join(this.folder, 'blobs')
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      if ((await stat(path).catch(() => undefined))?.nlink === 1) await rm(path, { force: true })
    }
  }
}

async function facts(path: string): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: 0, mtimeMs: 0 }))
  return { size, mtimeMs }
}

function keyOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 32)
}

/** Short: the name of a socket may have 107 bytes. */
function lockName(folder: string, key: string): string {
  return `image/${keyOf(folder).slice(0, 8)}/${key}`
}
