import type { Book } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** What an agent may take to put a board away whose lease ended. */
const PARKED_WITHIN_MS = 30_000
/** By when a board is off whose agent was killed, or somebody else's. */
const KILLED_WITHIN_MS = 10_000

export interface ParkingMeans {
  readonly isOn: (board: string) => boolean
  /** Who has the lock of a board: an agent, a run or a guardian; undefined: nobody. */
  readonly lockedBy: (board: string) => string | undefined
  /** Whether its relay can be relied on. */
  readonly obeys: (board: string) => boolean
  readonly complain: Complain
}

/** A board whose lease ended, however that happened, is off within its budget. */
export class Parking {
  readonly #means: ParkingMeans
  readonly #onSinceMs = new Map<string, number>()
  /** By when boards must be off, unless somebody has a later lease of them. */
  readonly #due = new Map<string, { readonly dueMs: number; readonly epoch: number; readonly wasOff: boolean }>()
  #leaving = new Set<string>()
  #known: readonly string[] = []

  constructor(means: ParkingMeans) {
    this.#means = means
  }

  /** Whether a board is on that ought to be off some day. */
  get isAnyOn(): boolean {
    const { isOn, obeys } = this.#means
    return this.#known.some(board => isOn(board) && obeys(board) && !this.#leaving.has(board))
  }

  /** Those that somebody wanted left as they are. */
  get leaving(): ReadonlySet<string> {
    return this.#leaving
  }

  /** Its agent was killed with these boards in use, as its book then was. */
  killed(boards: readonly string[], book: Book, atMs: number): void {
    for (const board of boards)
      this.#due.set(board, {
        dueMs: atMs + KILLED_WITHIN_MS,
        epoch: book.boards[board]?.epoch ?? 0,
        wasOff: !this.#means.isOn(board),
      })
  }

  /** Nobody is left on the host who could switch anything: the next agent puts away what nobody has. */
  powerless(): void {
    this.#due.clear()
  }

  /** A lease whose boards stay as they are when it ends. */
  left(boards: readonly string[]): void {
    this.#leaving = new Set([...this.#leaving, ...boards])
  }

  /** `works`: an agent is at work, which puts boards away that nobody has. */
  look(book: Book, atMs: number, works: boolean): void {
    const held = new Set(book.held.flatMap(({ grants }) => grants.map(({ board }) => board)))
    const { isOn, lockedBy, obeys, complain } = this.#means
    this.#known = Object.keys(book.boards)
    for (const [board, { dueMs, epoch, wasOff }] of this.#due) {
      // A run that had not begun on it yet comes back, and goes on under its lease.
      const goesOn = book.held.some(({ grants }) =>
        grants.some(grant => grant.board === board && grant.epoch === epoch),
      )
      if ((wasOff || !isOn(board)) && goesOn) this.#due.delete(board)
      if (atMs < dueMs || !this.#due.delete(board)) continue
      const isHold = book.held.some(({ tied, grants }) => !tied && grants.some(grant => grant.board === board))
      const owner = lockedBy(board)
      // The next agent has the board's lock for ever; somebody has the board if there is a later lease of it.
      const isNobodys = owner === undefined || (owner.startsWith('agent') && book.boards[board]?.epoch === epoch)
      if (isOn(board) && !isHold && isNobodys && obeys(board))
        complain('parking', `${board} is on ${KILLED_WITHIN_MS / 1000} s after its agent was killed, and nobody has it`)
    }
    for (const board of Object.keys(book.boards)) {
      const isLost =
        works && isOn(board) && !held.has(board) && obeys(board) && lockedBy(board)?.startsWith('agent') === true
      if (!isLost || this.#leaving.has(board)) {
        this.#onSinceMs.delete(board)
        continue
      }
      const sinceMs = this.#onSinceMs.get(board) ?? atMs
      this.#onSinceMs.set(board, sinceMs)
      if (atMs - sinceMs < PARKED_WITHIN_MS) continue
      this.#onSinceMs.set(board, Infinity)
      complain('parking', `${board} is on ${PARKED_WITHIN_MS / 1000} s after its lease ended`)
    }
  }
}
