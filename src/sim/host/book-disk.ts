import type { BookDisk } from '../../agent/leases/book-disk.ts'
import type { Chance } from '../lab/chance.ts'
import { noSpace } from './disk.ts'
import { VirtualTime } from '../time/virtual-time.ts'
import { SimProcess } from './process.ts'

/** What a sync usually takes. */
const SYNC_MS = { least: 0.2, most: 6 }

/** A file as programs see it, and what of it would be found after the host lost its power, or may be. */
interface Node {
  bytes: Buffer
  safe: Buffer
  unsynced: Written[]
  /** What a sync was refused for: no later one need bring it, as Linux has it (https://lwn.net/Articles/752063/). */
  lost: Lost[]
}

interface Written {
  readonly bytes: Buffer
  readonly position: number
  readonly by: SimProcess
  readonly atMs: number
}

interface Lost extends Written {
  readonly refusedAtMs: number
  /** Whether something newer is on the disk where it belongs. */
  readonly isOverwritten: boolean
}

/** So much a disk writes whole or not at all. */
const SECTOR_BYTES = 512

/** The host's disk as far as a lease book is on it: full, slow, failing, and at each of its steps the process may be killed. */
export class SimBookDisk {
  isFull = false
  /** Each sync takes so much longer. */
  slowMs = 0
  /** What is brought to it is refused, and is there or is not. */
  refusesSync = false
  /** Plants a bug: it says that it has what it refused. */
  isQuiet = false
  /** Plants a bug: it says that it has written, and has only meant to. */
  lies = false
  readonly #chance: Chance
  readonly #names = new Map<string, Node>()
  readonly #safeNames = new Map<string, Node>()
  readonly #open = new Map<number, Node>()
  #fds = 3
  #killAfter: { steps: number; kill: () => void } | undefined

  readonly #nowMs: () => number

  constructor(chance: Chance, nowMs: () => number) {
    this.#chance = chance
    this.#nowMs = nowMs
  }

  /**
   * Whether a loss of power may take what one process kept at a time: what is not on the disk yet, and what was kept before a sync was
   * refused that should have brought it.
   */
  atRisk(by: SimProcess): (keptMs: number) => boolean {
    const nodes = [...this.#names.values()]
    const unsynced = nodes.flatMap(({ unsynced }) => unsynced).filter(write => write.by === by)
    const sinceMs = Math.min(...unsynced.map(({ atMs }) => atMs))
    const lost = nodes.flatMap(({ lost }) => lost).filter(write => write.by === by)
    return keptMs => keptMs >= sinceMs || lost.some(({ atMs, refusedAtMs }) => atMs <= keptMs && keptMs <= refusedAtMs)
  }

  /** Whether it takes what it is given, in good time. */
  get isWell(): boolean {
    return !this.isFull && this.slowMs === 0 && !this.refusesSync
  }

  /** Kills whoever uses it in the middle of one of its next steps. */
  killWithin(steps: number, kill: () => void): void {
    this.#killAfter = { steps, kill }
  }

  /** The host lost its power: of what was not synced anything may be there, or nothing. */
  losePower(): void {
    for (const [name, node] of this.#names) if (this.#chance.happens(0.5)) this.#safeNames.set(name, node)
    this.#names.clear()
    for (const [name, node] of this.#safeNames) {
      const kept = this.#found(node)
      this.#names.set(name, { bytes: kept, safe: kept, unsynced: [], lost: [] })
    }
    this.#safeNames.clear()
    for (const [name, node] of this.#names) this.#safeNames.set(name, node)
  }

  /**
   * A file after a loss of power: each sector is as it was after any of the writes since the last sync; of what was refused, any sector
   * may be there.
   */
  #found({ safe, unsynced, lost }: Node): Buffer {
    let found = safe
    for (const { bytes, position } of lost.filter(({ isOverwritten }) => !isOverwritten))
      for (let at = 0; at < bytes.length; at += SECTOR_BYTES)
        if (this.#chance.happens(0.5)) found = patched(found, bytes.subarray(at, at + SECTOR_BYTES), position + at)
    const ends = unsynced.map(({ bytes, position }) => position + bytes.length)
    for (let at = 0; at < Math.max(0, ...ends); at += SECTOR_BYTES)
      for (const { bytes, position } of unsynced.slice(0, this.#chance.below(unsynced.length + 1))) {
        const [from, to] = [Math.max(0, at - position), Math.min(bytes.length, at + SECTOR_BYTES - position)]
        if (from < to) found = patched(found, bytes.subarray(from, to), position + from)
      }
    return found
  }

  /** For whoever only looks, and is killed by nobody. */
  get reader(): BookDisk {
    const disk = this.for(new SimProcess('reader', new VirtualTime()))
    return {
      ...disk,
      read: path => {
        const killAfter = this.#killAfter
        this.#killAfter = undefined
        try {
          return disk.read(path)
        } finally {
          this.#killAfter = killAfter
        }
      },
    }
  }

  /** The disk as one process uses it. */
  for(process: SimProcess): BookDisk {
    const { clock } = process
    /** Runs a step, or half of it: then the process is gone. */
    const step = <T>(half: () => void, whole: () => T): T => {
      if (process.killed) throw new Error('nothing is heard of a dead process')
      if (this.#killAfter && this.#killAfter.steps-- <= 0) {
        const { kill } = this.#killAfter
        this.#killAfter = undefined
        half()
        kill()
        throw new Error('killed')
      }
      return whole()
    }
    const nothing = (): void => undefined
    const add = (fd: number, bytes: Buffer, position: number): void => {
      const node = this.#open.get(fd)!
      node.bytes = patched(node.bytes, bytes, position)
      node.unsynced.push({ bytes: Buffer.from(bytes), position, by: process, atMs: this.#nowMs() })
    }
    const bring = (node: Node, count: number): void => {
      const writes = node.unsynced.splice(0, count)
      if (this.refusesSync) {
        const refusedAtMs = this.isQuiet ? -Infinity : this.#nowMs()
        node.lost.push(...writes.map(write => ({ ...write, refusedAtMs, isOverwritten: false })))
        if (this.isQuiet) return
        throw ioError()
      }
      for (const write of writes) {
        node.safe = patched(node.safe, write.bytes, write.position)
        node.lost = node.lost
          .filter(lost => !covers(write, lost))
          .map(lost => ({ ...lost, isOverwritten: lost.isOverwritten || meets(write, lost) }))
      }
    }
    const put = (fd: number, bytes: Buffer, position: number): number => {
      const part = bytes.subarray(0, 1 + this.#chance.below(Math.max(1, bytes.length - 1)))
      return step(
        () => add(fd, part, position),
        () => {
          // A full disk takes what there is room for, or nothing.
          if (this.isFull) {
            if (this.#chance.happens(0.5)) add(fd, part, position)
            throw noSpace()
          }
          if (this.lies) return bytes.length
          add(fd, bytes, position)
          return bytes.length
        },
      )
    }
    return {
      // Little, so that it ends often.
      aheadBytes: 4096,
      read: path =>
        step(nothing, () => {
          const node = this.#names.get(path)
          if (!node) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' })
          return node.bytes.toString()
        }),
      makeFolder: () => step(nothing, nothing),
      create: path =>
        step(nothing, () => {
          if (this.isFull) throw noSpace()
          const node: Node = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0), unsynced: [], lost: [] }
          this.#names.set(path, node)
          this.#open.set(++this.#fds, node)
          return this.#fds
        }),
      write: (fd, bytes, from, position) => put(fd, bytes.subarray(from), position),
      sync: async fd => {
        const node = this.#open.get(fd)!
        const count = node.unsynced.length
        await clock.sleep(this.#chance.between(SYNC_MS.least, SYNC_MS.most) + this.slowMs)
        step(nothing, () => bring(node, count))
      },
      syncNow: fd =>
        step(nothing, () => {
          const node = this.#open.get(fd)!
          bring(node, node.unsynced.length)
        }),
      rename: (from, to) =>
        step(nothing, () => {
          this.#names.set(to, this.#names.get(from)!)
          this.#names.delete(from)
        }),
      syncFolder: () =>
        step(nothing, () => {
          if (this.refusesSync && !this.isQuiet) throw ioError()
          if (this.refusesSync) return
          this.#safeNames.clear()
          for (const [name, node] of this.#names) this.#safeNames.set(name, node)
        }),
      close: fd => void this.#open.delete(fd),
    }
  }
}

function ioError(): Error {
  return Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })
}

function covers(write: Written, other: Written): boolean {
  return write.position <= other.position && endOf(write) >= endOf(other)
}

function meets(write: Written, other: Written): boolean {
  return write.position < endOf(other) && other.position < endOf(write)
}

function endOf({ bytes, position }: Written): number {
  return position + bytes.length
}

function patched(into: Buffer, bytes: Buffer, position: number): Buffer {
  const whole = Buffer.alloc(Math.max(into.length, position + bytes.length))
  into.copy(whole)
  bytes.copy(whole, position)
  return whole
}
