import { classOf, Fault, type FaultRecord } from '../base/fault.ts'
import type { FaultClass, FaultCode } from '../base/fault-codes.ts'
import { faultIn, plainMessage } from './judge-text.ts'
import { verdictOf, type Verdict } from './verdict.ts'

/** What is known about a test once it has ended. */
export interface Outcome {
  readonly status: 'passed' | 'failed' | 'timedOut' | 'skipped' | 'interrupted'
  /** In the order they happened. `fromMatcher`: an `expect` compared and was not satisfied. */
  readonly errors: readonly { readonly message: string; readonly fromMatcher: boolean }[]
  readonly skipReason?: string
  /** Why the test could not look: the image does not have the feature. */
  readonly absent?: string
  /** The feature is declared integrated, so that it must be in the image. */
  readonly isPromised?: boolean
  /** The process that ran the test is gone; it did not finish by itself. */
  readonly workerLost?: boolean
  /** A fault already told apart by whoever knows more, such as why SSH was lost. */
  readonly fault?: FaultRecord
}

/** A test's verdict, with whose fault a non-pass is. */
export interface Judgement {
  readonly verdict: Verdict
  readonly blame?: FaultClass
  readonly fault?: FaultRecord
  /** Why it was skipped, or what the matcher said. */
  readonly reason?: string
}

type Rule = (outcome: Outcome) => Judgement | undefined

/** Judges one test by the first rule that has something to say. */
export function judge(outcome: Outcome): Judgement {
  for (const rule of RULES) {
    const judgement = rule(outcome)
    if (judgement) return judgement
  }
  return blamed('test/exception', {
    expected: 'a pass, or an error that says why not',
    seen: `status ${outcome.status}`,
  })
}

const RULES: readonly Rule[] = [
  // A dying kernel takes SSH with it, so what was lost afterwards is a consequence.
  ({ fault }) => (fault && isDeath(fault.code) ? byFault(fault) : undefined),
  // Before our own errors: what an interrupted test reports while it is torn down is noise.
  ({ status }) =>
    status === 'interrupted'
      ? blamed('cancelled/interrupt', { expected: 'to finish', seen: 'an interrupt' })
      : undefined,
  ({ fault }) => fault && byFault(fault),
  ({ errors }) => {
    const ours = errors.map(error => faultIn(error.message)).find(fault => fault !== undefined)
    return ours && byFault(ours)
  },
  ({ workerLost, errors }) =>
    workerLost
      ? blamed('infrastructure/worker-lost', {
          expected: 'the test process to live until the test ends',
          seen: plainMessage(errors[0]?.message ?? 'it was gone'),
        })
      : undefined,
  ({ errors }) => {
    const unmet = errors.find(error => error.fromMatcher)
    return unmet && { verdict: 'fail', blame: 'product', reason: plainMessage(unmet.message) }
  },
  ({ status, errors }) =>
    status === 'timedOut'
      ? blamed('test/timeout', {
          expected: 'the test to end within its own limit, or a wait in it to say whose fault the delay is',
          seen: plainMessage(errors[0]?.message ?? 'it was still running'),
        })
      : undefined,
  ({ errors: [error] }) =>
    error && blamed('test/exception', { expected: 'no exception in the suite', seen: plainMessage(error.message) }),
  ({ status }) => (status === 'passed' ? { verdict: 'pass' } : undefined),
  ({ status, absent, isPromised }) =>
    status === 'skipped' && absent !== undefined && isPromised
      ? { verdict: 'fail', blame: 'product', reason: `declared integrated, but absent from the image: ${absent}` }
      : undefined,
  ({ status, skipReason }) =>
    status === 'skipped' ? { verdict: 'skip', reason: skipReason || 'no reason given' } : undefined,
]

/** Whether a fault is what a console says when a kernel dies or is harmed. */
export function isDeath(code: FaultCode): boolean {
  return DEATHS.has(code)
}

/** What the console said when a kernel died or was harmed: proof, whatever came after it. */
const DEATHS: ReadonlySet<FaultCode> = new Set<FaultCode>(['product/panic', 'product/kernel-trouble'])

function blamed(code: FaultCode, report: { expected: string; seen: string }): Judgement {
  return byFault(new Fault(code, report).record())
}

function byFault(fault: FaultRecord): Judgement {
  const blame = classOf(fault.code)
  return { verdict: verdictOf(blame), blame, fault }
}
