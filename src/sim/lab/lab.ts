import { join } from 'node:path'
import { systemClock, type Clock } from '../../base/time.ts'
import { SimBoard } from './board.ts'
import { Chance } from './chance.ts'
import type { FaultKind } from './faults.ts'

export interface LabMeans {
  readonly chance: Chance
  /** Where media lie. */
  readonly folder: string
  nowMs(): number
  after(ms: number, act: () => void): Disposable
  /** Something happened to a board. */
  tell?(board: string, text: string): void
  /** A fault has struck: it was not only planned. */
  met?(kind: FaultKind, board: string): void
  /** A process does something to a board. Throws where it is dead. */
  acted?(board: string, process: Clock, what: string): void
}

/** Simulated boards, by name. */
export class Lab {
  readonly boards = new Map<string, SimBoard>()
  readonly #means: LabMeans

  constructor(means: LabMeans) {
    this.#means = means
  }

  /** The board of a name, which is there from when it is first asked for. */
  board(name: string): SimBoard {
    const known = this.boards.get(name)
    if (known) return known
    const { chance, folder, nowMs, after, tell, met, acted } = this.#means
    const board = new SimBoard({
      name,
      chance: chance.for(name),
      mediumPath: join(folder, `${name}.medium`),
      nowMs,
      after,
      tell: (board, text) => tell?.(board, text),
      met: (kind, board) => met?.(kind, board),
      acted: (board, process, what) => acted?.(board, process, what),
    })
    this.boards.set(name, board)
    return board
  }
}

const labs = new Map<string, Lab>()

/** Puts a lab where drivers find it by its name, until disposed. */
export function install(name: string, lab: Lab): Disposable {
  labs.set(name, lab)
  return { [Symbol.dispose]: () => void labs.delete(name) }
}

/** The lab of a name; one in which nothing goes wrong, in real time, where none was installed. It lasts as long as this process. */
export function labNamed(name: string, folder: string): Lab {
  const known = labs.get(name)
  if (known) return known
  const after = (ms: number, act: () => void): Disposable => {
    const timer = setTimeout(act, ms)
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  }
  const lab = new Lab({ chance: new Chance(name), folder, nowMs: () => systemClock.ticksMs(), after })
  labs.set(name, lab)
  return lab
}
