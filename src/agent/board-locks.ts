import { asFault, Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import { BoardLock, describeHolder, holderOf, type Holder, type LockSpace } from '../bench/lock.ts'

const OUTSIDE_POLL_MS = 500
/** Longer than whoever parks a board of a process that died is waited for. */
const LOCK_LIMIT_MS = 30_000

interface BoardLocksOptions {
  readonly bench: string
  readonly holder: Holder
  readonly clock: Clock
  readonly locks: LockSpace | undefined
  /** The board is this process' own from now on. */
  readonly onTaken: (board: string) => Promise<void>
  /** Somebody has it past this agent. */
  readonly onOutside: (board: string, why: string) => Promise<void>
  readonly onError: (board: string, error: unknown) => void
}

/** The locks of an agent's boards, had for life; those that somebody has past the agent are waited for. */
export class BoardLocks implements AsyncDisposable {
  readonly #options: BoardLocksOptions
  readonly #locks = new Map<string, BoardLock>()
  readonly #retries = new Map<string, Disposable>()

  constructor(options: BoardLocksOptions) {
    this.#options = options
  }

  has(board: string): boolean {
    return this.#locks.has(board)
  }

  /** Errors: `lease/held` by whom. A lease may be in the book of an agent that was away, and its board with who came meanwhile. */
  async mustHave(board: string): Promise<void> {
    if (!this.has(board))
      throw new Fault('lease/held', { expected: `${board} to be free`, seen: await this.#outside(board) })
  }

  /** Takes a board's lock, or goes on trying until whoever has it is done. Errors: one that cannot even be asked for, at first. */
  async take(board: string): Promise<void> {
    if (this.has(board) || this.#retries.has(board)) return
    const { bench, onTaken, onOutside } = this.#options
    try {
      this.#locks.set(board, await takeNow(bench, board, this.#options))
    } catch (error) {
      this.#takeLater(board)
      if (asFault(error).code !== 'lease/held') throw error
      return await onOutside(board, await this.#outside(board))
    }
    await onTaken(board)
  }

  /** Tries no more. */
  stop(): void {
    for (const retry of this.#retries.values()) retry[Symbol.dispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
    for (const lock of this.#locks.values()) await lock[Symbol.asyncDispose]()
  }

  #takeLater(board: string): void {
    const { clock, onError } = this.#options
    const retry = clock.after(OUTSIDE_POLL_MS, () => {
      this.#retries.delete(board)
      this.take(board).catch((error: unknown) => onError(board, error))
    })
    this.#retries.set(board, retry)
  }

  async #outside(board: string): Promise<string> {
    const { bench, locks } = this.#options
    const other = await holderOf(bench, board, locks)
    return `in use past this agent by ${other ? describeHolder(other) : 'another process'}`
  }
}

/** A lock at once, or not at all. Errors: `lease/held`. */
export function takeNow(
  bench: string,
  name: string,
  { clock, holder, locks, ...more }: { clock: Clock; holder: Holder; locks?: LockSpace | undefined; expected?: string },
): Promise<BoardLock> {
  return BoardLock.take(bench, name, holder, {
    waitMs: 0,
    clock,
    signal: clock.timeout(LOCK_LIMIT_MS),
    ...(locks && { locks }),
    ...more,
  })
}
