import type { Evidence } from './cell.ts'
import type { Feature } from './feature.ts'

/** What is known about a feature on one board type. */
export interface TypeStatus {
  readonly type: string
  readonly status: '✅' | '🚧' | '❌'
  readonly why: string
  /** The evidence that decided; absent while never tested. */
  readonly evidence?: Evidence
  /** The evidence is more than two weeks old. */
  readonly stale: boolean
}

interface Known {
  readonly type: string
  readonly feature: Feature
  /** Of this feature and type, on the line in question, oldest first. */
  readonly evidence: readonly Evidence[]
  readonly asOfMs: number
}

type Rule = (known: Known, last: Evidence) => Pick<TypeStatus, 'status' | 'why'> | undefined

const DAY_MS = 24 * 60 * 60 * 1000
const STALE_DAYS = 14
const EXPIRED_DAYS = 45

/** The status on one board type, by the first rule that applies to its latest evidence. */
export function statusOnType(known: Known): TypeStatus {
  const { type, evidence, asOfMs } = known
  const last = evidence.at(-1)
  if (!last) return { type, status: '🚧', why: 'never tested', stale: false }
  const result = RULES.map(rule => rule(known, last)).find(found => found !== undefined)
  const stale = ageDays(last, asOfMs) > STALE_DAYS
  return { type, ...(result ?? { status: '🚧', why: 'no rule applies' }), evidence: last, stale }
}

/** Whole days from evidence to a time. */
export function ageDays({ at }: Evidence, asOfMs: number): number {
  return Math.floor((asOfMs - Date.parse(at)) / DAY_MS)
}

/**
 * A fail counts at once here: confirming it by running again is the business of whoever runs, and until evidence says
 * whether that was done there is nothing to tell a suspect from a confirmed fail by. A ❌ never expires.
 */
const RULES: readonly Rule[] = [
  function regressed({ evidence }, last) {
    const passed = evidence.findLast(e => e.verdict === 'pass')
    if (last.verdict !== 'fail' || !passed) return undefined
    return { status: '❌', why: `fails, passed until ${day(passed.at)}` }
  },
  function broken({ feature }, last) {
    if (last.verdict !== 'fail' || feature.maturity !== 'integrated') return undefined
    return { status: '❌', why: 'fails, though declared integrated' }
  },
  function immature({ feature }, last) {
    return last.verdict === 'fail' ? { status: '🚧', why: `fails, still ${inTheMaking(feature)}` } : undefined
  },
  function expired({ asOfMs }, last) {
    if (ageDays(last, asOfMs) <= EXPIRED_DAYS) return undefined
    return { status: '🚧', why: `no longer tested, passed until ${day(last.at)}` }
  },
  function passes() {
    return { status: '✅', why: 'passes' }
  },
]

function inTheMaking({ maturity }: Feature): string {
  return maturity === 'planned' ? 'planned only' : `a ${maturity}`
}

function day(at: string): string {
  return new Date(at).toISOString().slice(0, 10)
}
