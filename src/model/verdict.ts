import type { FaultClass } from '../base/fault-codes.ts'

/**
 * What we know after trying, strongest first.
 *
 * fail: finished, the product is wrong · error: began, could not conclude · miss: could not begin ·
 * pass: finished, the product is right · skip: does not apply here.
 */
export const VERDICTS = ['fail', 'error', 'miss', 'pass', 'skip'] as const
export type Verdict = (typeof VERDICTS)[number]

/** The strongest of some verdicts; undefined of none. */
export function strongest(verdicts: Iterable<Verdict>): Verdict | undefined {
  const seen = new Set(verdicts)
  return VERDICTS.find(verdict => seen.has(verdict))
}

/** What a fault of a class lets us say about the product. */
export function verdictOf(blame: FaultClass): Verdict {
  switch (blame) {
    case 'product':
      return 'fail'
    case 'cancelled':
    case 'lease':
    case 'configuration':
      return 'miss'
    case 'infrastructure':
    case 'test':
    case 'internal':
      return 'error'
  }
}

const EXIT_CODES: Record<FaultClass, number> = {
  product: 1,
  configuration: 2,
  infrastructure: 3,
  lease: 4,
  test: 5,
  internal: 70,
  cancelled: 130,
}

/** A mixed run exits by the first of these that happened. */
const EXIT_ORDER: readonly FaultClass[] = [
  'internal',
  'cancelled',
  'product',
  'test',
  'infrastructure',
  'lease',
  'configuration',
]

/** The process exit code for everything that went wrong; 0 when nothing did. */
export function exitCodeOf(blames: Iterable<FaultClass>): number {
  const seen = new Set(blames)
  const first = EXIT_ORDER.find(blame => seen.has(blame))
  return first ? EXIT_CODES[first] : 0
}
