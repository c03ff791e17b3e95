import type { Rules } from '../model/lease/words.ts'
import type { RunnerMessage } from '../model/runner-message.ts'

/** Bugs to plant, so that it can be seen that the oracles find them. Nothing of it is ever on but in tests. */
export interface Sabotage {
  /** Changes what a test tells of itself: a judge that blames the wrong one. */
  readonly message?: (message: RunnerMessage) => RunnerMessage
  /** Two may have the same lock. */
  readonly sharesLocks?: true
  /** The host loses a byte of each recording. */
  readonly losesBytes?: true
  /** Boards are left on: whoever switches one off at the end only says so. */
  readonly leavesOn?: true
  /** Nobody switches off what a killed run left on. */
  readonly sleepingGuardian?: true
  /** An agent that looks at no number of a lease. */
  readonly unfenced?: true
  /** One that refuses and does not say why. */
  readonly namesNothing?: true
  /** One that gives the first of several boards only. */
  readonly givesParts?: true
  /** One that forgets to tell who waits. */
  readonly forgetsWaiters?: true
  /** One that miscounts places. */
  readonly wrongPlaces?: true
  /** Connections in which nobody looks whether the other is still there. */
  readonly noPulse?: true
  /** A disk that says it has written, and has not. */
  readonly lyingDisk?: true
  /** A disk that says it has what it refused. */
  readonly quietDisk?: true
  /** Other rules of the queue than those that are checked. */
  readonly rules?: Partial<Rules>
  /** Random numbers are really random. */
  readonly forgetsSeed?: true
}
