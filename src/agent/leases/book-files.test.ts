import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../../base/time.ts'
import { evolve } from '../../model/lease/evolve.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import type { BookDisk } from './book-disk.ts'
import { Journal } from './journal.ts'
import { findBook } from './read-book.ts'

const PATH = '/bench/leases.jsonl'
const LIVES = 800
const SECTOR_BYTES = 512
const BENCH: LeaseEvent = { type: 'bench', boards: [{ name: 'a', type: 'nuc', traits: [], epoch: 0 }] }

test('what was acknowledged is there after kills and refusals, and after power cuts what was on the disk', async () => {
  let acknowledged = 0
  let lost = 0
  for (let seed = 1; seed <= 20; seed++) {
    const disk = new SickDisk(seed)
    // `safe`: as far as all had time to get to the disk.
    let [told, tried, safe] = [0, 0, 0]
    const clock: Clock = {
      ...systemClock,
      sleep: async () => {
        for (let turns = disk.below(30); turns > 0; turns--) await Promise.resolve()
      },
    }
    for (let life = 0; life < LIVES / 20; life++) {
      const { book, ...found } = findBook(PATH, disk)
      const kept = numberOf(book)
      const least = disk.hadPower ? told : safe
      assert.ok(
        kept >= least && kept <= tried,
        `seed ${seed}, life ${life}: ${least} told, ${tried} tried, ${kept} kept`,
      )
      lost += Math.max(0, told - kept)
      told = kept
      let now = book
      disk.begin()
      const append = async (journal: Journal): Promise<void> => {
        const mine = ++tried
        const why = `${mine} ${'x'.repeat(disk.below(900))}`
        const events: LeaseEvent[] = [...(now.boards['a'] ? [] : [BENCH]), { type: 'withheld', board: 'a', why }]
        for (const event of events) now = evolve(now, event, 1)
        await journal.append(events)
        told = Math.max(told, mine)
        acknowledged++
      }
      try {
        const journal = new Journal(PATH, { book, ...found }, () => now, { clock, disk })
        safe = kept
        for (let n = 0; n < 60 && !disk.isDead; n++) {
          await Promise.allSettled(Array.from({ length: 1 + disk.below(3) }, () => append(journal)))
          if (disk.below(4) > 0) continue
          const soFar = told
          await new Promise(resolve => setImmediate(resolve))
          if (!journal.broken && !disk.isDead) safe = soFar
        }
      } catch {
        // It could not even begin.
      }
      disk.end()
    }
  }
  assert.ok(acknowledged > 5000 && lost > 20, `${acknowledged} acknowledged, ${lost} lost with the power`)
})

function numberOf({ boards }: Book): number {
  return Number.parseInt(boards['a']?.withheld ?? '0', 10)
}

interface Inode {
  /** As programs see it. */
  bytes: Buffer
  /** As it is after a loss of power, but for any sectors of what was written since. */
  safe: Buffer
  unsynced: { readonly bytes: Buffer; readonly position: number }[]
}

/** A disk on which each step may be refused, or be the last before its host or its program is gone. */
class SickDisk implements BookDisk {
  readonly aheadBytes = 8192
  #state: number
  #names = new Map<string, Inode>()
  #safeNames = new Map<string, Inode>()
  #open = new Map<number, Inode>()
  #fds = 0
  #left = 0
  isDead = false
  /** Whether it was only the program that ended. */
  hadPower = true

  constructor(seed: number) {
    this.#state = seed
  }

  /** A whole number from 0 on. Source: Numerical Recipes' linear congruential generator. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * limit)
  }

  begin(): void {
    this.isDead = false
    this.#left = 20 + this.below(400)
  }

  /** The program is gone, or its host has no power: then of what was not brought to the disk anything may be there. */
  end(): void {
    this.isDead = true
    this.#open.clear()
    this.hadPower = this.below(2) === 0
    if (this.hadPower) return
    for (const name of new Set([...this.#names.keys(), ...this.#safeNames.keys()])) {
      const node = this.below(2) === 0 ? this.#names.get(name) : this.#safeNames.get(name)
      if (node) this.#safeNames.set(name, node)
    }
    for (const node of this.#safeNames.values()) {
      node.bytes = node.safe = this.#found(node)
      node.unsynced = []
    }
    this.#names = new Map(this.#safeNames)
  }

  /** Each sector is as it was after any of the writes since. */
  #found({ safe, unsynced }: Inode): Buffer {
    let found = safe
    const ends = unsynced.map(({ bytes, position }) => position + bytes.length)
    for (let at = 0; at < Math.max(0, ...ends); at += SECTOR_BYTES)
      for (const { bytes, position } of unsynced.slice(0, this.below(unsynced.length + 1))) {
        const [from, to] = [Math.max(0, at - position), Math.min(bytes.length, at + SECTOR_BYTES - position)]
        if (from < to) found = patched(found, bytes.subarray(from, to), position + from)
      }
    return found
  }

  read = (path: string): string => this.#text(path)
  makeFolder = (): void => this.#step()
  create = (path: string): number => {
    this.#step()
    const node: Inode = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0), unsynced: [] }
    this.#names.set(path, node)
    this.#open.set(++this.#fds, node)
    return this.#fds
  }
  write = (fd: number, bytes: Buffer, from: number, position: number): number =>
    this.#put(this.#open.get(fd)!, bytes.subarray(from), position)
  sync = async (fd: number): Promise<void> => {
    const node = this.#open.get(fd)!
    const [{ bytes }, count] = [{ ...node }, node.unsynced.length]
    for (let turns = this.below(10); turns > 0; turns--) await Promise.resolve()
    // It is of a life before.
    if (this.#open.get(fd) !== node) throw new Error('gone')
    this.#step()
    node.safe = bytes
    node.unsynced = node.unsynced.slice(count)
  }
  syncNow = (fd: number): void => {
    this.#step()
    const node = this.#open.get(fd)!
    node.safe = node.bytes
    node.unsynced = []
  }
  rename = (from: string, to: string): void => {
    this.#step()
    this.#names.set(to, this.#names.get(from)!)
    this.#names.delete(from)
  }
  syncFolder = (): void => {
    this.#step()
    this.#safeNames = new Map(this.#names)
  }
  close = (fd: number): void => void this.#open.delete(fd)

  #text(path: string): string {
    const node = this.#names.get(path)
    if (!node) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' })
    return node.bytes.toString()
  }

  #step(): void {
    if (this.#left-- <= 0) this.isDead = true
    if (this.isDead) throw new Error('gone')
    if (this.below(25) === 0) {
      const code = ['EIO', 'ENOSPC', 'EMFILE'][this.below(3)]!
      throw Object.assign(new Error(code), { code })
    }
  }

  #put(node: Inode, bytes: Buffer, position: number): number {
    const wasDead = this.isDead
    const add = (count: number): number => {
      node.bytes = patched(node.bytes, bytes.subarray(0, count), position)
      node.unsynced.push({ bytes: Buffer.from(bytes.subarray(0, count)), position })
      return count
    }
    try {
      this.#step()
    } catch (error) {
      if (!wasDead) add(this.below(bytes.length + 1))
      throw error
    }
    return add(this.below(8) === 0 ? 1 + this.below(bytes.length) : bytes.length)
  }
}

function patched(into: Buffer, bytes: Buffer, position: number): Buffer {
  const whole = Buffer.alloc(Math.max(into.length, position + bytes.length), 0)
  into.copy(whole)
  bytes.copy(whole, position)
  return whole
}
