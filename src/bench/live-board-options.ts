import type { Fault } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { HostKeyTrust, Rebooted, RecoveryStep } from '../model/event.ts'
import type { BoardMeans } from './board-means.ts'
import type { Claimant } from './lock.ts'

/** What happens on a board that its run should know. */
export interface BoardListener {
  trusted(trust: HostKeyTrust): void
  note(text: string): void
  /** Something went wrong that no caller waits for: the board could not be switched off. */
  fault(fault: Fault): void
  /** A rung of the way back to trust. */
  recovery?(step: RecoveryStep): void
  /** A test had it rebooted. */
  rebooted?(reboot: Rebooted): void
  /** Trouble that no test was told of, because it struck between two. */
  struck?(fault: Fault): void
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

/** How a board is switched on. */
export interface BootOrder {
  /** Whether its console, where it has one, will offer a login. */
  readonly loginOnConsole: boolean
  /** Power-on → login prompt, as it was learned: one that still talks gets the board's own limit. Absent: that. */
  readonly limitMs?: number
}
