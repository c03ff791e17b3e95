import type { Log } from '../../base/log.ts'
import { every, type Clock } from '../../base/time.ts'
import { goldenFor } from '../../bench/golden.ts'
import type { Board } from '../../bench/load.ts'
import { isDue, isInDoubt } from '../../model/health.ts'
import { isGivenTo, serves } from '../../model/lease/assign.ts'
import type { Book, BookBoard } from '../../model/lease/words.ts'
import type { BenchAgent } from '../bench-agent.ts'
import { CheckAges } from './check-ages.ts'
import { readHealth } from './health-file.ts'

const LOOK_EVERY_MS = 5000
/** A check that ended without a word is not made again at once. */
const AGAIN_MS = 10 * 60_000

export interface KeeperOptions {
  readonly agent: Pick<BenchAgent, 'boards' | 'desk' | 'lookAtHealth'>
  readonly clock: Clock
  readonly log: Log
  /** How often a board that is free is checked; undefined: only after faults of it. */
  readonly everyMs: () => number | undefined
  /** Makes a check, which writes down what it found. */
  readonly check: (board: Board) => Promise<void>
}

/** Has the boards of an agent checked while nobody wants them: one at a time, so that most of them can be had. */
export class HealthKeeper implements AsyncDisposable {
  readonly #options: KeeperOptions
  readonly #timer: Disposable
  readonly #triedMs = new Map<string, number>()
  readonly #ages = new CheckAges()
  #checking: Promise<void> | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#timer = every(options.clock, LOOK_EVERY_MS, () => this.#look())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]()
    await this.#checking
  }

  #look(): void {
    if (this.#checking) return
    const board = this.#options.agent.boards.find(board => this.#wantsCheck(board))
    if (!board) return
    const { log, check, clock, agent } = this.#options
    this.#triedMs.set(board.name, clock.ticksMs())
    log.info({ board: board.name }, 'a health check begins')
    this.#checking = check(board)
      .catch((error: unknown) => log.error({ board: board.name, err: error }, 'a health check could not be made'))
      .then(() => agent.lookAtHealth(board.name))
      .catch((error: unknown) => log.error({ board: board.name, err: error }, 'its health could not be kept'))
      .finally(() => (this.#checking = undefined))
  }

  #wantsCheck(board: Board): boolean {
    const { name, stateDir } = board
    const { agent, clock, everyMs } = this.#options
    const known = agent.desk.book.boards[name]
    if (!known || !isGivenTo(known, { mends: true }) || agent.desk.holder(name)) return false
    if (isWanted(known, agent.desk.book)) return false
    const tried = this.#triedMs.get(name)
    if (tried !== undefined && clock.ticksMs() - tried < AGAIN_MS) return false
    const health = readHealth(stateDir)
    const now = { wallMs: agent.desk.nowMs(), ticksMs: clock.ticksMs() }
    if (isDue(health, this.#ages.of(name, health.lastCheck?.atMs ?? 0, now), everyMs())) return true
    // What is on the medium of a board without one may be what is broken: that says too little for so many minutes.
    return isInDoubt(health) && goldenFor(board) !== undefined
  }
}

/** Whether somebody waits who could be given the board: whoever waits for one that is withheld waits for its check. */
function isWanted(board: BookBoard, { queue }: Book): boolean {
  return queue.some(request => isGivenTo(board, request) && request.asks.some(ask => serves(board, ask)))
}
