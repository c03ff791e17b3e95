import type { FaultCode } from '../base/fault-codes.ts'
import type { Cell } from './cell.ts'
import type { TestResult } from './event.ts'
import type { Feature } from './feature.ts'
import { imageFacts, type BoardFault, type BoardLog } from './fold-boards.ts'
import { withReruns } from './fold-reruns.ts'
import { untestedOf } from './fold-untested.ts'
import { strongest, verdictOf, type Verdict } from './verdict.ts'

type Finding = Pick<Cell, 'verdict' | 'blame' | 'fault' | 'blockedBy' | 'reason' | 'reruns' | 'absent' | 'known'>

/** What a run's log says beside its boards. */
export interface RunFacts {
  readonly ended: boolean
  readonly grep: string | undefined
}

/** Ways of not getting in: a test that ends so has learnt nothing about its own feature. */
const NO_ENTRY: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'product/no-boot',
  'product/no-login',
  'product/no-shell',
  'product/ssh-closed',
  'product/ssh-auth',
])

const PASSES_SO_FAR = 'passes so far; the log ends before its tests did'

/**
 * The cells of one board: every planned feature gets exactly one, in the order of the status page.
 *
 * Limits: `features` may lack a planned feature (an old log, a row since renamed); it then requires nothing.
 */
export function cellsOf(board: BoardLog, features: readonly Feature[], { ended, grep }: RunFacts): Cell[] {
  const { log, rerunsOf } = repeated(board)
  const { board: name, type, twin } = log.planned
  const rows = new Map(features.map(feature => [feature.id, feature]))
  const told = new Set([...log.planned.features, ...log.tests.map(test => test.feature)])
  const inOrder = [...rows.keys()].filter(id => told.has(id)).concat([...told].filter(id => !rows.has(id)))
  const imageRows = inOrder.filter(id => rows.get(id)?.bootsImage)

  const tests = Map.groupBy(log.tests, test => test.feature)

  const found = new Map<string, Finding>()
  const find = (id: string): Finding => {
    const known = found.get(id)
    if (known) return known
    found.set(id, { verdict: 'miss' }) // stands in while a circle of requirements is walked
    const isImage = imageRows.includes(id)
    const named = rows.get(id)?.requires ?? []
    const required = [...named, ...(isImage ? [] : imageRows)].filter(r => told.has(r))
    const needs = required.map(r => ({ id: r, named: named.includes(r), ...find(r) }))
    const phases = rows.get(id)?.variants.length ?? 1
    const own = tests.get(id) ?? []
    const finding = findingOf(id, { log, tests: own, ended, isImage, phases, needs, reruns: rerunsOf(id) })
    found.set(id, finding)
    return finding
  }
  return inOrder.map(feature => {
    const own = tests.get(feature) ?? []
    // An image row that fails outside its tests fails by the image that was on the board then.
    const struck = imageRows.includes(feature) ? log.faults.findLast(({ blame }) => blame === 'product') : undefined
    const image = struck ? struck.image : own.length > 0 ? log.images.get(feature) : log.planned.image
    const untested = untestedOf(rows.get(feature), own, log.planned, grep)
    return {
      ...{ feature, board: name, type, twin, ...imageFacts(image ?? null), ...find(feature) },
      ...(untested.length > 0 && { untested }),
      tests: own,
    }
  })
}

/** A board's log with what re-runs took back among its tests, and what they say of each feature. */
function repeated(board: BoardLog): { log: BoardLog; rerunsOf: (feature: string) => Cell['reruns'] } {
  const told = Map.groupBy(board.tests, ({ feature }) => feature)
  const both = [...told].map(([id, tests]) => {
    const again = board.reruns.filter(({ feature }) => feature === id)
    return [id, withReruns(tests, again)] as const
  })
  const byId = new Map(both)
  return {
    log: { ...board, tests: both.flatMap(([, { tests }]) => tests) },
    rerunsOf: feature => byId.get(feature)?.reruns,
  }
}

interface Circumstances {
  readonly log: BoardLog
  /** Of this feature. */
  readonly tests: readonly TestResult[]
  readonly ended: boolean
  readonly isImage: boolean
  /** How many image variants it is tested on, at most. */
  readonly phases: number
  /** What was found out about the features this one requires; `named`: its row says so, not only that an image must boot. */
  readonly needs: readonly ({ id: string; named: boolean } & Finding)[]
  readonly reruns: Cell['reruns']
}

function findingOf(feature: string, circumstances: Circumstances): Finding {
  const { log, tests, ended, isImage, needs } = circumstances
  const imageFault = log.faults.findLast(({ blame }) => blame === 'product')
  if (isImage && imageFault) return byFault('fail', imageFault)
  // It began, and what it left behind keeps anybody from concluding.
  const changed = log.faults.findLast(({ fault }) => fault.code === 'infrastructure/board-changed-by-image')
  if (isImage && changed) return byFault('error', changed)

  const verdict = strongest(tests.map(test => test.verdict))
  const blockedBy = verdict === undefined || verdict === 'miss' ? blocked(needs) : undefined
  if (blockedBy) return blockedBy
  if (verdict === undefined)
    return (
      stopped(log, imageFault) ?? { verdict: 'miss', reason: ended ? 'no test of it ran' : 'its tests have not begun' }
    )
  const own = decisive(tests, verdict, circumstances.reruns)
  const entry = own.fault && NO_ENTRY.has(own.fault.code) ? own.fault.code : undefined
  if (entry) return blocked(needs.filter(need => need.fault?.code === entry)) ?? own
  // A guest that does not answer is the failure of the guest's own row, by whatever that found: only rows named as required.
  if (own.fault?.code === 'product/no-guest') return blocked(needs.filter(need => need.named)) ?? own
  const unfinished = halfTested(feature, circumstances)
  if (unfinished && strongest([unfinished.verdict, own.verdict]) !== own.verdict) return unfinished
  if (own.verdict !== 'pass') return own
  const cut = log.cut.get(feature)
  if (cut && cut.blame !== 'product') return byFault(verdictOf(cut.blame), cut)
  if (log.open === feature) return { verdict: 'miss', reason: PASSES_SO_FAR }
  return own
}

/** What is to be said of a feature with tests for two images whose second one was never tested. */
function halfTested(feature: string, { log, ended, phases, needs }: Circumstances): Finding | undefined {
  if (phases < 2 || !log.secondPhase || log.secondPhase.tested.has(feature)) return undefined
  const { fault } = log.secondPhase
  if (!fault) return ended ? undefined : { verdict: 'miss', reason: PASSES_SO_FAR }
  // An image that does not come up is the image row's failure; it blocks this one.
  const blockedBy = fault.blame === 'product' && blocked(needs.filter(need => need.fault?.code === fault.fault.code))
  return blockedBy || byFault(verdictOf(fault.blame), fault)
}

/** By the first required feature that failed, or by what blocked that one: always the root is named. */
function blocked(needs: Circumstances['needs']): Finding | undefined {
  for (const need of needs) {
    const by = need.verdict === 'fail' ? need.id : need.blockedBy
    if (by !== undefined) return { verdict: 'miss', blockedBy: by, reason: `${by} failed on this board and image` }
  }
  return undefined
}

/** By a fault outside the tests. What happens while a board is put away stopped nothing any more. */
function stopped(log: BoardLog, imageFault: BoardFault | undefined): Finding | undefined {
  const fault = imageFault ?? log.faults.findLast(({ stage }) => stage !== 'release')
  return fault && byFault('miss', fault)
}

function byFault(verdict: Verdict, { blame, fault, reruns, known }: BoardFault): Finding {
  return { verdict, blame, fault, ...(reruns && { reruns }), ...(known !== undefined && { known }) }
}

/** What the first of the strongest tests says, for the feature. */
function decisive(tests: readonly TestResult[], verdict: Verdict, reruns: Cell['reruns']): Finding {
  const same = tests.filter(test => test.verdict === verdict)
  const [test] = same
  const known = same.every(test => test.known !== undefined) ? test?.known : undefined
  return {
    verdict,
    ...(reruns && (verdict === 'pass' || verdict === 'fail') && { reruns }),
    ...(verdict === 'fail' && same.every(test => test.absent) && { absent: true as const }),
    ...(known !== undefined && { known }),
    ...(test?.blame && { blame: test.blame }),
    ...(test?.fault && { fault: test.fault }),
    ...(test?.reason && verdict !== 'pass' && { reason: test.reason }),
  }
}
