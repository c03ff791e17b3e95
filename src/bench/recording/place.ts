import type { Clock } from '../../base/time.ts'
import type { Fault } from '../../base/fault.ts'
import type { BoardMeans } from '../board-means.ts'
import type { Board } from '../load.ts'
import { Recording } from '../recording.ts'
import { recordingFolder } from './segment-files.ts'

interface OpenOptions {
  /** The number of the lease, under which the console is added to the board's recording; absent: it is not. */
  readonly epoch?: number
  /** A file for what the console says while this board is open. */
  readonly recordingPath?: string
  readonly clock: Clock
  readonly listener: { broken(fault: Fault): void }
  readonly means?: BoardMeans
}

/** A board's recording, where the board has a console; else one in memory that stays empty. */
export function openRecording(
  board: Board,
  { epoch = 0, recordingPath, clock, listener, means }: OpenOptions,
): Recording {
  const kept = epoch > 0 && board.wired.console !== undefined
  const place = {
    epoch,
    ...(kept && { folder: recordingFolder(board.stateDir) }),
    ...(recordingPath !== undefined && { copyPath: recordingPath }),
    ...(means && { openFile: means.openFile }),
  }
  return new Recording(place, clock, listener.broken)
}
