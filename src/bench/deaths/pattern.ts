import type { FaultCode } from '../../base/fault-codes.ts'

/**
 * What follows from a line of trouble.
 *
 * `fatal`: the board does not go on by itself, or nothing it says afterwards proves anything: the session ends at once.
 * `harm`: it goes on; the test that ran at that instant fails by it.
 * `note`: known, quoted, nobody's fault yet.
 */
export type Severity = 'fatal' | 'harm' | 'note'

/** One kind of line that tells of trouble. */
export interface TroublePattern {
  /** Reads well behind "a" in a sentence. */
  readonly name: string
  readonly severity: Severity
  /** Whose fault it is taken for. */
  readonly code: FaultCode
  /** Why this severity: one clause. */
  readonly why: string
  /** Only noted on a virtual board: the host may have withheld the processor, which is not the image's fault. */
  readonly needsOwnProcessor?: true
  /**
   * Says why a boot failed, once it has; its code is then the fault's. Of several the surest counts, then the last: 3 a
   * cause of what follows, 2 a reason, 1 what a healthy board may say too.
   */
  readonly explainsBoot?: 1 | 2 | 3
  /** Matched at the beginning of a message; no quantifier in it is unbounded. */
  readonly pattern: RegExp
}
