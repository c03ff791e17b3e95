import { dirname, join } from 'node:path'
import { abortable } from '../base/time.ts'
import type { FlashJob, FlashProgress } from '../controls/flasher.ts'
import type { FlashProof } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { given } from './board-means.ts'
import { flashBoard, openForFlash } from './flash-board.ts'
import type { LiveBoardOptions } from './live-board-options.ts'
import type { Board } from './load.ts'
import { openControl } from './open-control.ts'

/** A medium is handed back in three minutes, or not at all. */
const OVER_LIMIT_MS = 200_000

/** What is done to the boot medium of a board, one after the other. */
export class MediumWork {
  readonly #board: Board
  readonly #options: LiveBoardOptions
  readonly #powerOff: (signal: AbortSignal) => Promise<unknown>
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(board: Board, options: LiveBoardOptions, powerOff: (signal: AbortSignal) => Promise<unknown>) {
    this.#board = board
    this.#options = options
    this.#powerOff = powerOff
  }

  /** Writes an image with the board off, proves it, and hands the medium back. */
  flash(
    image: Image,
    progress: (report: FlashProgress) => void,
    signal: AbortSignal,
    how: Pick<FlashJob, 'mode' | 'dryRun' | 'begins'> = {},
  ): Promise<FlashProof> {
    return this.#doing(signal, async () => {
      const { recordingPath, listener } = this.#options
      const folder = recordingPath === undefined ? this.#board.stateDir : dirname(recordingPath)
      const means = {
        ...(await openForFlash(this.#board, this.#options)),
        powerOff: () => this.#powerOff(signal),
        note: listener.note,
        ...given(this.#options),
      }
      return await flashBoard(means, { image, ...how, logPath: join(folder, 'flash.log'), signal, progress })
    })
  }

  /** Takes it away from the board, which is off then and will start from a disk of its own. */
  remove(signal: AbortSignal): Promise<void> {
    return this.#doing(signal, async () => {
      await this.#powerOff(signal)
      await (await openControl(this.#board, 'media', this.#options)).toHost(signal)
    })
  }

  /** Waits for all that is under way, which somebody told to stop and did not wait for: what it has in hand it puts back. Never throws. */
  async underWay(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  /** The same, before the board is somebody else's. */
  async over(): Promise<void> {
    await abortable(this.underWay(), this.#options.clock.timeout(OVER_LIMIT_MS)).catch(() => undefined)
  }

  async #doing<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.underWay()
    const doing = abortable(before, signal).then(work)
    this.#underWay.add(doing)
    try {
      return await doing
    } finally {
      this.#underWay.delete(doing)
    }
  }
}
