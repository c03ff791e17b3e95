import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evolve } from '../../model/lease/evolve.ts'
import type { Book, LeaseEvent } from '../../model/lease/words.ts'
import type { BookDisk } from './book-disk.ts'
import { Journal } from './journal.ts'
import { findBook } from './read-book.ts'

const PATH = '/bench/leases.jsonl'
const LIVES = 800
const BENCH: LeaseEvent = { type: 'bench', boards: [{ name: 'a', type: 'nuc', traits: [], epoch: 0 }] }

test('what was acknowledged is there after kills, power cuts and refusals, wherever they strike', async () => {
  let acknowledged = 0
  for (let seed = 1; seed <= 20; seed++) {
    const disk = new SickDisk(seed)
    let [told, tried] = [0, 0]
    for (let life = 0; life < LIVES / 20; life++) {
      const { book, ...found } = findBook(PATH, disk)
      const kept = numberOf(book)
      assert.ok(kept >= told && kept <= tried, `seed ${seed}, life ${life}: ${told} told, ${tried} tried, ${kept} kept`)
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
        const journal = new Journal(PATH, { book, ...found }, () => now, disk)
        for (let n = 0; n < 60 && !disk.isDead; n++)
          await Promise.allSettled(Array.from({ length: 1 + disk.below(3) }, () => append(journal)))
      } catch {
        // It could not even begin.
      }
      disk.end()
    }
  }
  assert.ok(acknowledged > 5000, `${acknowledged} acknowledged`)
})

function numberOf({ boards }: Book): number {
  return Number.parseInt(boards['a']?.withheld ?? '0', 10)
}

interface Inode {
  /** As programs see it. */
  bytes: Buffer
  /** As it is after a loss of power. */
  safe: Buffer
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
    if (this.below(2) === 0) return
    for (const name of new Set([...this.#names.keys(), ...this.#safeNames.keys()])) {
      const node = this.below(2) === 0 ? this.#names.get(name) : this.#safeNames.get(name)
      if (node) this.#safeNames.set(name, node)
    }
    for (const node of this.#safeNames.values()) node.bytes = node.safe
    this.#names = new Map(this.#safeNames)
  }

  read = (path: string): string => this.#text(path)
  makeFolder = (): void => this.#step()
  create = (path: string): number => {
    this.#step()
    const node = { bytes: Buffer.alloc(0), safe: Buffer.alloc(0) }
    this.#names.set(path, node)
    this.#open.set(++this.#fds, node)
    return this.#fds
  }
  writeNow = (fd: number, bytes: Buffer, from: number): number =>
    this.#put(fd, bytes.subarray(from), this.#open.get(fd)!.bytes.length)
  write = async (fd: number, bytes: Buffer, from: number, position: number): Promise<number> => {
    await Promise.resolve()
    return this.#put(fd, bytes.subarray(from), position)
  }
  sync = (): void => this.#step()
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

  #put(fd: number, bytes: Buffer, position: number): number {
    const node = this.#open.get(fd)!
    const wasDead = this.isDead
    try {
      this.#step()
    } catch (error) {
      if (!wasDead) this.#tear(node, bytes, position)
      throw error
    }
    const count = this.below(8) === 0 ? 1 + this.below(bytes.length) : bytes.length
    node.bytes = patched(node.bytes, bytes.subarray(0, count), position)
    node.safe = patched(node.safe, bytes.subarray(0, count), position)
    return count
  }

  /** Programs see the beginning of it; the disk has any of its sectors. */
  #tear(node: Inode, bytes: Buffer, position: number): void {
    node.bytes = patched(node.bytes, bytes.subarray(0, this.below(bytes.length + 1)), position)
    for (let at = 0, next; at < bytes.length; at = next) {
      next = Math.min(bytes.length, at + 512 - ((position + at) % 512))
      if (this.below(2) === 0) node.safe = patched(node.safe, bytes.subarray(at, next), position + at)
    }
  }
}

function patched(into: Buffer, bytes: Buffer, position: number): Buffer {
  const whole = Buffer.alloc(Math.max(into.length, position + bytes.length), 0)
  into.copy(whole)
  bytes.copy(whole, position)
  return whole
}
