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
  /** Random numbers are really random. */
  readonly forgetsSeed?: true
}
