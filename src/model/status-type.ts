import type { Evidence } from './cell.ts'
import { failRate } from './confidence.ts'
import type { Feature } from './feature.ts'
import { historyOf, type History } from './history.ts'
import type { KnownIssue } from './known-issue.ts'

/** What is known about a feature on one board type. */
export interface TypeStatus {
  readonly type: string
  readonly status: '✅' | '🚧' | '❌'
  /** One phrase. */
  readonly why: string
  /** What a ✅ is to be taken with: a fail since that nobody saw twice. */
  readonly doubt?: string
  /** The evidence that decided; absent while never tested, and where a known issue did without any. */
  readonly evidence?: Evidence
  /** Whole days since that evidence, and builds of the line known to have come after it. */
  readonly age?: { readonly days: number; readonly builds: number }
  /** The evidence is more than two weeks or ten builds old. */
  readonly stale: boolean
  /** The open known issue that makes it ❌. */
  readonly issue?: KnownIssue
}

/** All that decides about a feature on one board type. */
export interface Known {
  readonly type: string
  readonly feature: Feature
  /** Of this feature and type, on the line in question. */
  readonly evidence: readonly Evidence[]
  /** How many builds of the line are known to have come after that of a finding. */
  readonly buildsAfter: (finding: Evidence) => number
  readonly issue: KnownIssue | undefined
  readonly asOfMs: number
}

interface Facts extends Known, History {
  /** Its fail is a regression: it passed before on the line, or it is declared integrated. */
  readonly isRegression: boolean
}

interface Said extends Pick<TypeStatus, 'status' | 'why'> {
  readonly doubt?: string
  readonly evidence: Evidence | undefined
}

type Rule = (facts: Facts) => Said | undefined

const DAY_MS = 24 * 60 * 60 * 1000
/** From the day after this age on, evidence is stale. */
export const STALE_DAYS = 14
const STALE_BUILDS = 10
const EXPIRED_DAYS = 45

/** The status on one board type, by the first rule that has something to say. */
export function statusOnType(known: Known): TypeStatus {
  const { type, feature, issue, asOfMs } = known
  const isPromised = feature.maturity === 'integrated'
  const history = historyOf(known.evidence, isPromised)
  const facts = { ...known, ...history, isRegression: isPromised || history.lastPass !== undefined }
  const { status, why, doubt, evidence } = firstOf(RULES, facts)!
  const age = evidence && { days: ageDays(evidence, asOfMs), builds: known.buildsAfter(evidence) }
  const stale = age !== undefined && (age.days > STALE_DAYS || age.builds >= STALE_BUILDS)
  return {
    ...{ type, status, why, stale },
    ...(doubt !== undefined && { doubt }),
    ...(evidence && { evidence }),
    ...(age && { age }),
    ...(issue && { issue }),
  }
}

/** Whole days from evidence to a time. */
export function ageDays({ at }: Evidence, asOfMs: number): number {
  return Math.floor((asOfMs - Date.parse(at)) / DAY_MS)
}

/** What the first rule says that has something to say. */
export function firstOf<F, R>(rules: readonly ((facts: F) => R | undefined)[], facts: F): R | undefined {
  for (const rule of rules) {
    const said = rule(facts)
    if (said !== undefined) return said
  }
  return undefined
}

const RULES: readonly Rule[] = [
  function knownIssue({ issue, standing, suspect }) {
    if (!issue) return undefined
    const why = `known issue ${issue.ticket} of ${issue.owner}, until ${issue.expires}`
    return { status: '❌', why, evidence: standing ?? suspect }
  },
  function boardsDisagree({ disagree }) {
    if (!disagree) return undefined
    const { fail, passes, fails } = disagree
    const why = `boards disagree on one image: fails on ${fails.join(', ')}, passes on ${passes.join(', ')}; run both again`
    return { status: '❌', why, evidence: fail }
  },
  function absent({ standing, feature }) {
    if (!standing?.absent || feature.maturity !== 'integrated') return undefined
    return { status: '❌', why: 'declared integrated, but absent from the image', evidence: standing }
  },
  /** A ❌ never expires. */
  function regressed({ standing, passedBefore, hopeful }) {
    if (!passedBefore) return undefined
    return { status: '❌', why: `fails, passed until ${day(passedBefore)}${awaiting(hopeful)}`, evidence: standing }
  },
  function broken({ standing, feature, hopeful }) {
    if (standing?.verdict !== 'fail' || feature.maturity !== 'integrated') return undefined
    return { status: '❌', why: `fails, though declared integrated${awaiting(hopeful)}`, evidence: standing }
  },
  function flaky({ flaky, isRegression, feature }) {
    if (!flaky) return undefined
    const why = `flaky: failed in ${flaky.fails} of the last ${flaky.runs} runs`
    if (isRegression) return { status: '❌', why, evidence: flaky.last }
    return { status: '🚧', why: `${why}, still ${inTheMaking(feature)}`, evidence: flaky.last }
  },
  function immature({ standing, feature }) {
    if (standing?.verdict !== 'fail') return undefined
    return { status: '🚧', why: `fails, still ${inTheMaking(feature)}`, evidence: standing }
  },
  function unconfirmed({ standing, suspect }) {
    if (standing || !suspect) return undefined
    return { status: '🚧', why: `${failRate(suspect.reruns)}, not confirmed; never passed`, evidence: suspect }
  },
  function expired({ standing, asOfMs }) {
    if (!standing || ageDays(standing, asOfMs) <= EXPIRED_DAYS) return undefined
    return { status: '🚧', why: `no longer tested, passed until ${day(standing)}`, evidence: standing }
  },
  function untested({ standing }) {
    if (!standing?.untested?.length) return undefined
    return { status: '🚧', why: `untested: ${standing.untested.join('; ')}`, evidence: standing }
  },
  function passes({ standing, suspect }) {
    if (!standing) return undefined
    if (!suspect) return { status: '✅', why: 'passes', evidence: standing }
    const doubt = `${failRate(suspect.reruns)} on ${day(suspect)}, not confirmed`
    return { status: '✅', why: `passes; ${doubt}`, doubt, evidence: standing }
  },
  function never() {
    return { status: '🚧', why: 'never tested', evidence: undefined }
  },
]

function awaiting(hopeful: Evidence | undefined): string {
  return hopeful ? `; a pass on ${day(hopeful)} is not confirmed by two re-runs` : ''
}

function inTheMaking({ maturity }: Feature): string {
  return maturity === 'planned' ? 'planned only' : `a ${maturity}`
}

function day({ at }: Evidence): string {
  return new Date(at).toISOString().slice(0, 10)
}
