import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import { goldenFor } from '../bench/golden.ts'
import { describeHolder, thisProcess } from '../bench/lock.ts'
import { pending, type Lease } from '../agent/agent.ts'
import type { Host } from '../agent/host.ts'
import { humanTime } from '../base/text.ts'
import type { Clock } from '../base/time.ts'
import type { EventOf, NewEvent, PlannedBoard, Stage } from '../model/event.ts'
import { isOfBoard } from '../model/health.ts'
import type { Image } from '../model/image.ts'
import { openIssue } from '../model/known-issue.ts'
import { rememberTrouble } from './boot-record.ts'
import { budgetsOf, type Budgets } from './budgets.ts'
import { compareWithGolden } from './confirm-aba.ts'
import { confirmFindings } from './confirm.ts'
import { rememberBoot } from './last-flash.ts'
import { testAfterReflash } from './reflash.ts'
import { rememberUse } from './use.ts'
import { provisionDiagnosed, type DiagnoseOptions } from './diagnose.ts'
import { Execution, type ExecuteOptions } from './execute.ts'
import type { Phase, PlannedRun } from './plan.ts'
import { stage, type ProvisionMeans } from './provision.ts'
import type { RunContext } from './run-context.ts'

/** For a board that was not planned: it joins once it is leased, and nobody waits for it. */
export type Joins = Pick<EventOf<'joined'>, 'insteadOf' | 'why'>

/** How it went: with a diagnosis where there was one; `held`: a board that was to join was not to be had. */
export type BoardOutcome = Omit<EventOf<'diagnosis'>, 'at'> | 'held' | undefined

/** Takes one board through a run. Never throws: what goes wrong on one board is that board's event. */
export async function runBoard(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  host: Host,
  context: RunContext,
  joins?: Joins,
): Promise<BoardOutcome> {
  const { options } = context
  const board = planned.board.name
  const folder = join(context.folder, board)
  let current: Stage = 'lease'
  let held: Lease | undefined
  let diagnosis: Exclude<BoardOutcome, 'held'>
  const emit = (event: NewEvent): void => {
    if (event.type === 'stage') current = event.stage
    if (event.type === 'diagnosis') diagnosis = event
    if (event.type === 'test' && event.result.blame === 'infrastructure') remember(held, options.clock)
    context.emit(event)
    if (event.type === 'test' || (event.type === 'stage' && event.state === 'end')) held?.safePoint?.()
  }
  const tracked: ProvisionMeans = { clock: options.clock, emit, signal: context.signal }
  try {
    const ahead = joins && (await takeLease(planned, host, context, folder, 0))
    if (joins) emit({ type: 'joined', board, planned: plannedBoard(planned, images), ...joins })
    const take = async (): Promise<Lease> =>
      ahead ?? (await takeLease(planned, host, context, folder, options.leaseWaitMs))
    const lease = await stage(tracked, board, 'lease', take)
    held = lease
    const budgets = learned(lease, context)
    if (lease.live.console) emit({ type: 'recording', board, from: lease.live.recording.begin })
    try {
      for (const phase of planned.phases) {
        const image = images.get(phase.imagePath ?? '') ?? null
        await provisionAndTest(lease, phase, image, host, context, { ...tracked, budgets })
      }
    } catch (error) {
      const known = knownOf(error, planned, lease, context)
      const reruns = asFault(error).class === 'product' ? diagnosis?.reruns : undefined
      // Now, while it is known how far the board came.
      context.fail(board, error, current, { ...(known !== undefined && { known }), ...(reruns && { reruns }) })
      // Behind what happened: a disk that refuses this too hides nothing.
      if (asFault(error).class === 'infrastructure') remember(lease, options.clock)
    } finally {
      rememberUse(lease.board.stateDir, board, context)
      await stage(tracked, board, 'release', async () => lease[Symbol.asyncDispose]())
    }
  } catch (error) {
    if (joins && !held) return 'held'
    context.fail(board, error, current)
    // One that could not even be opened was in use all the same; its lease is over, and nobody looks at that by themselves.
    if (!held && isOfBoard(asFault(error).code)) {
      rememberUse(host.stateDirOf(planned.board), board, context)
      await host.healthChanged(planned.board)
    }
  }
  return diagnosis
}

/** A history that cannot be read teaches nothing. */
async function learned({ board, live }: Lease, { options, log }: RunContext): Promise<Budgets | undefined> {
  if (!options.timesOf || board.type.alwaysOn) return undefined
  return budgetsOf(board, live.limitsMs, options.timesOf).catch((error: unknown) => {
    log.warn({ err: error }, 'no budget was learned')
    return undefined
  })
}

/** A board as the log of a run knows it. */
export function plannedBoard(
  { board, features, phases }: PlannedRun,
  images: ReadonlyMap<string, Image>,
): PlannedBoard {
  return {
    board: board.name,
    type: board.type.name,
    twin: board.spec.twin,
    image: images.get(phases[0]?.imagePath ?? '') ?? null,
    features: features.map(feature => feature.id),
    variants: phases.map(({ variant }) => variant),
  }
}

/** What was proven of a board before counts for less now. */
function remember(lease: Lease | undefined, clock: Clock): void {
  if (lease) rememberTrouble(lease.board.stateDir, clock.nowMs())
}

async function provisionAndTest(
  lease: Lease,
  phase: Phase,
  image: Image | null,
  host: Host,
  context: RunContext,
  means: ProvisionMeans,
): Promise<void> {
  const { options, signal } = context
  const board = lease.board.name
  const over = new AbortController()
  lease.ready = pending()
  const provisioned = provisionDiagnosed(lease, image, phase.variant, means, diagnosisOf(lease, phase, context))
  // The runner starts while the board flashes and boots; a board that fails first needs none.
  let execute: ExecuteOptions | undefined
  const tests = context.serve(host).then(socketPath => {
    lease.announce(socketPath)
    if (over.signal.aborted) return undefined
    execute = {
      board,
      epoch: lease.epoch,
      variant: phase.variant,
      features: phase.features,
      ...(options.grep !== undefined && { grep: options.grep }),
      knownIssue: feature => ticketOf(feature, lease, context),
      socketPath,
      folder: join(context.folder, board),
      emit: means.emit,
      ...(options.means && { startTests: options.means.startTests }),
    }
    return new Execution(execute)
  })
  let ready = false
  try {
    tests.catch(() => undefined)
    await provisioned
    ready = true
    lease.ready.resolve()
    await stage(means, board, 'test', async () => {
      const execution = await tests
      if (!execution || !execute)
        throw new Fault('internal/bug', { expected: 'a test runner for a board that is ready', seen: 'none' })
      await execution.finish(signal)
      const diagnose = diagnosisOf(lease, phase, context, 'test')
      const tested = { execution, execute, means, events: () => context.events, diagnose }
      await testAfterReflash(lease, image, phase.variant, tested)
      const canGoOn = (execution: Execution): Promise<boolean> => canTestAgain(lease, execution)
      if (!(await canGoOn(execution)) || !options.confirm) return
      const { board: unit, facts } = lease
      const doubted = options.doubted(unit.type.name, facts.image?.origin?.line ?? null, unit.spec.twin)
      const events = (): typeof context.events => context.events
      await confirmFindings(execution.results, { execute, events, doubted, signal, canGoOn })
      const isPlanned = options.plan.runs.some(({ board }) => board.name === unit.name)
      if (options.confirm !== 'aba' || !isPlanned) return
      const { comparing } = context
      const compare = { golden: goldenFor(unit), execute, tests: execution.results, events, means, comparing }
      await compareWithGolden(lease, image, compare)
    })
  } finally {
    over.abort()
    const execution = await tests.catch(() => undefined)
    if (!ready) execution?.abandon()
    await execution?.[Symbol.asyncDispose]()
  }
}

/** How a board that does not boot is looked into; undefined: not at all. A board of metal is, unless somebody says no. */
function diagnosisOf(
  lease: Lease,
  phase: Phase,
  context: RunContext,
  during: Stage = 'boot',
): DiagnoseOptions | undefined {
  const { board } = lease
  const { diagnose } = context.options
  if (diagnose === false || (diagnose === 'hardware' && board.spec.twin)) return undefined
  return {
    golden: goldenFor(board),
    failed: (fault, reruns) => {
      const known = knownOf(fault, phase, lease, context)
      context.fail(board.name, fault, during, { reruns, ...(known !== undefined && { known }) })
    },
  }
}

/**
 * Whether tests can be run again: a board in trouble is brought back by the next test, where its power can be switched.
 * Errors: what struck between two tests, which no test has told of.
 */
async function canTestAgain(lease: Lease, execution: Execution): Promise<boolean> {
  const trouble = await lease.live.trouble()
  if (trouble && !execution.hasTold(trouble)) throw trouble
  return trouble === undefined || (trouble.class !== 'lease' && lease.board.wired.power !== undefined)
}

/** The ticket of the open known issue that a failure of a feature on this board is. */
function ticketOf(feature: string, { board, facts }: Lease, { options }: RunContext): string | undefined {
  const scope = { feature, type: board.type.name, line: facts.image?.origin?.line ?? null }
  return openIssue(options.issues, scope, options.clock.nowMs())?.ticket
}

/** The same for a board that fell over outside its tests: what then fails is the image's own row. */
function knownOf(
  error: unknown,
  { features }: Pick<PlannedRun, 'features'>,
  lease: Lease,
  context: RunContext,
): string | undefined {
  if (asFault(error).class !== 'product') return undefined
  const rows = features.filter(({ bootsImage }) => bootsImage)
  const tickets = rows.map(({ id }) => ticketOf(id, lease, context))
  return tickets.length > 0 && tickets.every(ticket => ticket !== undefined) ? tickets[0] : undefined
}

async function takeLease(
  planned: PlannedRun,
  host: Host,
  context: RunContext,
  folder: string,
  waitMs: number,
): Promise<Lease> {
  const { options } = context
  const board = planned.board.name
  const bootIs = (bootId: string): void => keepBoot(host.stateDirOf(planned.board), bootId, context)
  return host.lease(planned.board, {
    holder: { ...thisProcess(options.command, options.clock), recordingPath: join(folder, 'console.log') },
    waitMs,
    signal: context.signal,
    recordingPath: join(folder, 'console.log'),
    listener: {
      trusted: trust => context.emit({ type: 'trusted', board, trust }),
      note: text => context.emit({ type: 'note', board, text }),
      recovery: step => {
        context.emit({ type: 'recovery', board, ...step })
        if (step.bootId) bootIs(step.bootId)
      },
      rebooted: reboot => {
        context.emit({ type: 'rebooted', board, ...reboot })
        bootIs(reboot.bootId)
      },
      struck: fault => {
        const isGolden = fault.class === 'product' && context.comparing.has(board)
        if (!isGolden) return context.fail(board, fault, 'test')
        context.emit({ type: 'note', board, text: `the golden image, between two tests: ${fault.code}: ${fault.seen}` })
      },
      fault: fault => context.fail(board, fault, 'release'),
      broken: fault => context.stop(fault),
    },
    ...(options.priority !== undefined && { priority: options.priority }),
    onQueue: ({ why, place, etaMs }) => {
      const eta = etaMs === null ? '' : `, expected at ${humanTime(etaMs)}`
      context.emit({ type: 'note', board, text: `waits, place ${place}${eta}: ${why}` })
    },
    onWait: holder =>
      context.emit({ type: 'note', board, text: `waits for ${holder ? describeHolder(holder) : 'its holder'}` }),
  })
}

/** The next run must see another boot than this one. Told from afar, it cannot fail the run. */
function keepBoot(stateDir: string, bootId: string, { log }: RunContext): void {
  try {
    rememberBoot(stateDir, bootId)
  } catch (error) {
    log.warn({ err: error }, 'the boot was not remembered')
  }
}
