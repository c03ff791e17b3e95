import type { BookDisk } from '../../agent/leases/book-disk.ts'
import type { Chance } from '../lab/chance.ts'
import { noSpace } from './disk.ts'
import { VirtualTime } from '../time/virtual-time.ts'
import { SimProcess } from './process.ts'

/** What a synced write usually takes. */
const SYNC_MS = { least: 0.2, most: 6 }

/** A file as programs see it, and as it would be found after the host lost its power. */
interface Node {
  bytes: Buffer
  safe: Buffer
}

/** The host's disk as far as a lease book is on it: full, slow, and at each of its steps the process may be killed. */
export class SimBookDisk {
  isFull = false
  /** Each synced write takes so much longer. */
  slowMs = 0
  /** Plants a bug: it says that it has written, and has only meant to. */
  lies = false
  readonly #chance: Chance
  readonly #names = new Map<string, Node>()
  readonly #safeNames = new Map<string, Node>()
  readonly #open = new Map<number, Node>()
  #fds = 3
  #killAfter: { steps: number; kill: () => void } | undefined

  constructor(chance: Chance) {
    this.#chance = chance
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
      const kept = this.#chance.happens(0.5) ? node.bytes : node.safe
      this.#names.set(name, { bytes: kept, safe: kept })
    }
    this.#safeNames.clear()
    for (const [name, node] of this.#names) this.#safeNames.set(name, node)
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
      const size = Math.max(node.bytes.length, position + bytes.length)
      const next = Buffer.alloc(size)
      node.bytes.copy(next)
      bytes.copy(next, position)
      node.bytes = next
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
          this.#open.get(fd)!.safe = this.#open.get(fd)!.bytes
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
          const node = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0) }
          this.#names.set(path, node)
          this.#open.set(++this.#fds, node)
          return this.#fds
        }),
      writeNow: (fd, bytes, from) => put(fd, bytes.subarray(from), this.#open.get(fd)!.bytes.length),
      write: async (fd, bytes, from, position) => {
        await clock.sleep(this.#chance.between(SYNC_MS.least, SYNC_MS.most) + this.slowMs)
        return put(fd, bytes.subarray(from), position)
      },
      sync: fd => step(nothing, () => void (this.#open.get(fd)!.safe = this.#open.get(fd)!.bytes)),
      rename: (from, to) =>
        step(nothing, () => {
          this.#names.set(to, this.#names.get(from)!)
          this.#names.delete(from)
        }),
      syncFolder: () =>
        step(nothing, () => {
          this.#safeNames.clear()
          for (const [name, node] of this.#names) this.#safeNames.set(name, node)
        }),
      close: fd => void this.#open.delete(fd),
    }
  }
}
