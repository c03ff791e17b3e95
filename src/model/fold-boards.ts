import type { FaultRecord } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { ImageFacts, MatrixBoard, Reruns } from './cell.ts'
import type { EventOf, PlannedBoard, RunEvent, Stage, TestResult } from './event.ts'
import type { Image } from './image.ts'

/** A fault outside any test, as it concerns one board. */
export interface BoardFault {
  readonly blame: FaultClass
  readonly fault: FaultRecord
  readonly stage?: Stage
  /** What was on the board when it struck. */
  readonly image: Image | null
  /** What looking again said of it. */
  readonly reruns?: Reruns
  /** The ticket of the open known issue that it is. */
  readonly known?: string
}

/** All a run's log says about one board. */
export interface BoardLog {
  readonly planned: PlannedBoard
  readonly tests: readonly TestResult[]
  /** What was run again to see whether a finding repeats. */
  readonly reruns: readonly TestResult[]
  readonly faults: readonly BoardFault[]
  /** Features with tests to come when a fault struck, and not heard of again: some of their tests may be missing. */
  readonly cut: ReadonlyMap<string, BoardFault>
  /** The feature under test where the log stops; its remaining tests are still to come, or never will. */
  readonly open: string | undefined
  /** Absent while only one image was, or is being, tested. */
  readonly secondPhase: SecondPhase | undefined
  /** The image that was on the board at each feature's first test, or at its first failing one. */
  readonly images: ReadonlyMap<string, Image | null>
  readonly board: MatrixBoard
}

/** What followed the first tests on a board that then got another image. */
export interface SecondPhase {
  /** What went wrong in it first, before the board was put away. */
  readonly fault: BoardFault | undefined
  /** Features heard of again. */
  readonly tested: ReadonlySet<string>
}

/** Everything before the tests: once these have begun, only a second phase comes back to it. */
const PROVISIONING: ReadonlySet<Stage> = new Set<Stage>(['lease', 'image', 'flash', 'boot', 'login'])

/** When a log begins and stops, and whether its run ended. */
export interface LogSpan {
  readonly startMs: number
  readonly lastMs: number
  readonly ended: boolean
}

/** Reads one board's story out of what a run's events say of it and of all boards. */
export function boardLog(planned: PlannedBoard, events: readonly RunEvent[], span: LogSpan): BoardLog {
  const tests: TestResult[] = []
  const places = new Map<string, Map<string, number>>()
  const reruns: TestResult[] = []
  const faults: BoardFault[] = []
  const cut = new Map<string, BoardFault>()
  const images = new Map<string, Image | null>()
  const failed = new Set<string>()
  let onBoard = planned.image
  let stage: Stage | undefined
  let second: { fault: BoardFault | undefined; tested: Set<string> } | undefined
  let underTest: string | undefined
  let testing: 'before' | 'during' | 'after' = 'before'

  for (const event of events) {
    if (!('board' in event) || (event.board !== planned.board && event.board !== null)) continue
    if (event.type === 'flashed' || event.type === 'source') onBoard = event.image
    if (event.type === 'stage' && event.state === 'begin') stage = event.stage
    if (testing !== 'before' && !second && isProvisioning(event)) {
      second = { fault: undefined, tested: new Set() }
      testing = 'after'
      underTest = undefined
    }
    if (event.type === 'stage' && event.stage === 'test') testing = event.state === 'begin' ? 'during' : 'after'
    if (event.type === 'test' && event.result.rerun !== undefined) {
      // It says more about a finding and never replaces one.
      reruns.push(event.result)
      continue
    }
    if (event.type === 'test') {
      const { result } = event
      const own = places.get(result.feature) ?? new Map<string, number>()
      places.set(result.feature, own)
      const place = own.get(result.title) ?? tests.length
      if (place === tests.length) own.set(result.title, place)
      if (replaces(result, tests[place])) tests[place] = result
      underTest = result.left === 0 ? undefined : result.feature
      const decides = result.verdict === 'fail' && !failed.has(result.feature)
      if (decides) failed.add(result.feature)
      if (decides || !images.has(result.feature)) images.set(result.feature, onBoard)
      second?.tested.add(result.feature)
      cut.delete(result.feature)
    }
    // An image is on a board: a product fault that names none proves nothing about any.
    if (event.type !== 'fault' || (event.board === null && event.blame === 'product')) continue
    const { blame, stage: during, reruns: again, known } = event
    const more = { ...(during && { stage: during }), ...(again && { reruns: again }), ...(known && { known }) }
    const fault: BoardFault = { blame, fault: event.fault, image: onBoard, ...more }
    faults.push(fault)
    if (second && (event.stage ?? stage) !== 'release') second.fault ??= fault
    const inTests = event.stage === 'test' || (event.stage === undefined && testing === 'during')
    if (inTests && underTest !== undefined) cut.set(underTest, fault)
  }
  const open = testing === 'during' || (testing === 'before' && !span.ended) ? underTest : undefined
  return {
    planned,
    tests,
    reruns,
    faults,
    cut,
    open,
    secondPhase: second,
    images,
    board: boardFacts(planned, events, span),
  }
}

/** A later attempt stands for an earlier one, except for a fail: the product is never retried into green. */
function replaces(result: TestResult, before: TestResult | undefined): boolean {
  if (!before) return true
  return before.verdict !== 'fail' && before.attempt <= result.attempt
}

function isProvisioning(event: RunEvent): boolean {
  return (
    (event.type === 'stage' || event.type === 'fault') && event.stage !== undefined && PROVISIONING.has(event.stage)
  )
}

function boardFacts(planned: PlannedBoard, events: readonly RunEvent[], span: LogSpan): MatrixBoard {
  const own = events.filter(event => 'board' in event && event.board === planned.board)
  const flashed = own.find(event => event.type === 'flashed' || event.type === 'source')
  const recording = own.find(event => event.type === 'recording')
  return {
    board: planned.board,
    type: planned.type,
    twin: planned.twin,
    ...imageFacts(flashed?.image ?? planned.image),
    stages: stagesOf(own, span),
    flash: flashState(own),
    hostKey: own.filter(event => event.type === 'trusted').at(-1)?.trust.fingerprint ?? null,
    ...(recording && { recordedFrom: recording.from }),
    ...recoveriesOf(own, span),
  }
}

export function imageFacts(image: Image | null): ImageFacts {
  return {
    imageSha256: image?.sha256 ?? null,
    imageName: image?.name ?? null,
    commit: image?.commit ?? null,
    variant: image?.variant ?? null,
    line: image?.origin?.line ?? null,
    ...(image?.position !== undefined && { position: image.position }),
  }
}

/** The last word about the flash: a medium that differs ends in a fault, never in a proof. */
function flashState(events: readonly RunEvent[]): MatrixBoard['flash'] {
  let state: MatrixBoard['flash'] = 'not flashed'
  for (const event of events) {
    if (event.type === 'flashed') state = event.proof.readBackBytes > 0 ? 'verified' : 'not read back'
    if (event.type === 'fault' && event.stage === 'flash') state = 'failed'
  }
  return state
}

/** What was done to bring the board back to trust, in order; nothing where nothing had to be. */
function recoveriesOf(events: readonly RunEvent[], { startMs }: LogSpan): Pick<MatrixBoard, 'recoveries'> {
  const ended = events.filter(event => event.type === 'recovery').filter(({ state }) => state === 'end')
  const recoveries = ended.map(event => {
    const { rung, why, durationMs = 0, fault } = event
    const fromMs = between(startMs, timeMs(event) - durationMs)
    return { rung, why, fromMs, durationMs, helped: fault === undefined }
  })
  return recoveries.length === 0 ? {} : { recoveries }
}

/** Stages in the order they began; one still open lasts until it begins anew, or until the log's last line. */
function stagesOf(events: readonly RunEvent[], { startMs, lastMs }: LogSpan): MatrixBoard['stages'] {
  const stages: { stage: string; fromMs: number; durationMs: number }[] = []
  const open = new Map<string, (typeof stages)[number]>()
  for (const event of events) {
    if (event.type !== 'stage') continue
    const atMs = timeMs(event)
    const begun = open.get(event.stage)
    if (event.state === 'begin') {
      if (begun) begun.durationMs = between(startMs + begun.fromMs, atMs)
      const stage = { stage: event.stage, fromMs: between(startMs, atMs), durationMs: between(atMs, lastMs) }
      stages.push(stage)
      open.set(event.stage, stage)
    } else if (begun) {
      begun.durationMs = between(startMs + begun.fromMs, atMs)
      open.delete(event.stage)
    }
  }
  return stages
}

function timeMs(event: RunEvent | undefined): number {
  return event ? Date.parse(event.at) : Number.NaN
}

/** The wall clock may jump back: never less than nothing. */
function between(fromMs: number, toMs: number): number {
  return Math.max(0, toMs - fromMs) || 0
}

/** The events that concern each board: its own and those of no board, in their order. */
export function eventsPerBoard(
  boards: readonly PlannedBoard[],
  events: readonly RunEvent[],
): ReadonlyMap<string, readonly RunEvent[]> {
  const lists = new Map<string, RunEvent[]>(boards.map(({ board }) => [board, []]))
  for (const event of events) {
    const board = 'board' in event ? event.board : null
    if (board === null) for (const list of lists.values()) list.push(event)
    else lists.get(board)?.push(event)
  }
  return lists
}

export function spanOf(events: readonly RunEvent[]): LogSpan {
  const ended = events.some(event => event.type === 'run-ended')
  return { startMs: timeMs(events[0]), lastMs: timeMs(events.at(-1)), ended }
}

/** The boards of a run: those planned, and those that joined it. */
export function plannedIn(events: readonly RunEvent[]): PlannedBoard[] {
  const joined = events.filter(event => event.type === 'joined').map(({ planned }) => planned)
  return [...(startOf(events)?.boards ?? []), ...joined]
}

/** The plan of a run, if its log got that far. */
export function startOf(events: readonly RunEvent[]): EventOf<'run-started'> | undefined {
  return events.find(event => event.type === 'run-started')
}
