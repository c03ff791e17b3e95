import { classOf } from '../../../src/base/fault.ts'
import type { FaultCode } from '../../../src/base/fault-codes.ts'
import { exitCodeOf } from '../../../src/model/verdict.ts'

/** What was said of an injected fault, and how long it took to be rid of it. */
export interface Blamed {
  /** The code that was reported. */
  readonly reported: string
  /** From the fault to the word of it; absent: it was there before, or nobody knows when the image did it. */
  readonly noticedMs?: number
  readonly recoveredBy: string
  readonly recoveredMs: number
  /** What was said that is not so; none: blame is right. */
  readonly confusions: readonly string[]
  readonly story: string
}

/** How a run ends that met nothing but faults of one class. */
export function exitOf(codes: readonly FaultCode[]): number {
  return exitCodeOf(codes.map(classOf))
}
