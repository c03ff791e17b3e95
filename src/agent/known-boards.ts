import { Fault } from '../base/fault.ts'
import type { Bench, Board } from '../bench/load.ts'
import { NOT_WIRED } from '../model/lease/evolve.ts'
import type { BoardFacts } from '../model/lease/words.ts'
import { whyWithheld } from './health/health-file.ts'
import { lastEpoch } from './numbers-file.ts'

/** The boards of a bench file as it was read last; those that left it are known as they were, since somebody may have one still. */
export class KnownBoards {
  readonly #all = new Map<string, Board>()
  #wired: readonly Board[] = []

  read({ boards }: Bench): void {
    this.#wired = boards
    for (const board of boards) this.#all.set(board.name, board)
  }

  /** Those that are in the file. */
  get wired(): readonly Board[] {
    return this.#wired
  }

  /** Those that were in it as well. */
  get names(): readonly string[] {
    return [...this.#all.keys()]
  }

  get(name: string): Board | undefined {
    return this.#all.get(name)
  }

  /** Errors: `configuration/unknown-board`. */
  mustGet(name: string): Board {
    const board = this.#all.get(name)
    if (board) return board
    throw new Fault('configuration/unknown-board', {
      expected: `a board of this bench`,
      seen: name,
      evidence: this.#wired.map(({ name }) => name),
    })
  }

  /** Why nobody gets a board, by the bench file and by what is written of its health; null: nothing keeps it. */
  whyWithheld(name: string): string | null {
    const board = this.#wired.find(board => board.name === name)
    return board ? whyWithheld(board.stateDir) : NOT_WIRED
  }

  /** Those that are in the file, as the lease book knows boards. */
  facts(): BoardFacts[] {
    return this.#wired.map(({ name, type, traits, stateDir }) => ({
      ...{ name, type: type.name, traits, epoch: lastEpoch(stateDir) },
    }))
  }
}
