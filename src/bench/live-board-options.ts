import type { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { HostKeyTrust } from '../model/event.ts'
import type { BoardMeans } from './board-means.ts'
import type { Claimant } from './lock.ts'

/** What happens on a board that its run should know. */
export interface BoardListener {
  trusted(trust: HostKeyTrust): void
  note(text: string): void
  /** Something went wrong that no caller waits for: the board could not be switched off. */
  fault(fault: Fault): void
  /** The recording cannot go on: the run must stop. */
  broken(fault: Fault): void
}

export interface LiveBoardOptions {
  readonly clock: Clock
  readonly log: Log
  /** The number of the lease, under which the console is added to the board's recording; absent: it is not. */
  readonly epoch?: number
  /** A file for what the console says while this board is open. */
  readonly recordingPath?: string
  readonly listener: BoardListener
  /** Who claims the console for the whole lease; absent: whoever attaches first. */
  readonly consoleOwner?: Claimant
  /** Whether disposing it switches the board off. Default true: only a person at the bench leaves one on. */
  readonly park?: boolean | (() => boolean)
  readonly signal: AbortSignal
  readonly means?: BoardMeans
}

/** Where a command runs: on the host or in a guest of it, over SSH or the host's serial console. */
export interface ShellPlace {
  readonly by: 'ssh' | 'serial'
  readonly guest?: string
}
