import { join } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import { describeHolder, thisProcess } from '../bench/lock.ts'
import { pending, type Lease } from '../agent/agent.ts'
import type { Host } from '../agent/host.ts'
import { humanTime } from '../base/text.ts'
import type { NewEvent, Stage } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { openIssue } from '../model/known-issue.ts'
import { confirmFindings } from './confirm.ts'
import { Execution, type ExecuteOptions } from './execute.ts'
import type { Phase, PlannedRun } from './plan.ts'
import { provision, stage, type ProvisionMeans } from './provision.ts'
import type { RunContext } from './run-context.ts'

/** Takes one board through a run. Never throws: what goes wrong on one board is that board's event. */
export async function runBoard(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  host: Host,
  context: RunContext,
): Promise<void> {
  const { options } = context
  const board = planned.board.name
  const folder = join(context.folder, board)
  let current: Stage = 'lease'
  let held: Lease | undefined
  const emit = (event: NewEvent): void => {
    if (event.type === 'stage') current = event.stage
    context.emit(event)
    if (event.type === 'test' || (event.type === 'stage' && event.state === 'end')) held?.safePoint?.()
  }
  const tracked: ProvisionMeans = { clock: options.clock, emit, signal: context.signal }
  try {
    const lease = await stage(tracked, board, 'lease', () => takeLease(planned, host, context, folder))
    held = lease
    if (lease.live.console) emit({ type: 'recording', board, from: lease.live.recording.begin })
    try {
      for (const phase of planned.phases) {
        const image = images.get(phase.imagePath ?? '') ?? null
        await provisionAndTest(lease, phase, image, host, context, tracked)
      }
    } catch (error) {
      // Now, while it is known how far the board came.
      context.fail(board, error, current, knownOf(error, planned, lease, context))
    } finally {
      await stage(tracked, board, 'release', async () => lease[Symbol.asyncDispose]())
    }
  } catch (error) {
    context.fail(board, error, current)
  }
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
  const provisioned = provision(lease, image, phase.variant, means)
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
      const canGoOn = (execution: Execution): Promise<boolean> => isAlive(lease, execution)
      if (!(await canGoOn(execution)) || !options.confirm) return
      const { board: unit, facts } = lease
      const doubted = options.doubted(unit.type.name, facts.image?.origin?.line ?? null, unit.spec.twin)
      await confirmFindings(execution.results, { execute, events: () => context.events, doubted, signal, canGoOn })
    })
  } finally {
    over.abort()
    const execution = await tests.catch(() => undefined)
    if (!ready) execution?.abandon()
    await execution?.[Symbol.asyncDispose]()
  }
}

/** Whether a board has survived its tests. Errors: what struck between two tests, which no test has told of. */
async function isAlive(lease: Lease, execution: Execution): Promise<boolean> {
  const trouble = await lease.live.trouble()
  if (trouble && !execution.hasTold(trouble)) throw trouble
  return trouble === undefined
}

/** The ticket of the open known issue that a failure of a feature on this board is. */
function ticketOf(feature: string, { board, facts }: Lease, { options }: RunContext): string | undefined {
  const scope = { feature, type: board.type.name, line: facts.image?.origin?.line ?? null }
  return openIssue(options.issues, scope, options.clock.nowMs())?.ticket
}

/** The same for a board that fell over outside its tests: what then fails is the image's own row. */
function knownOf(error: unknown, planned: PlannedRun, lease: Lease, context: RunContext): string | undefined {
  if (asFault(error).class !== 'product') return undefined
  const rows = planned.features.filter(({ bootsImage }) => bootsImage)
  const tickets = rows.map(({ id }) => ticketOf(id, lease, context))
  return tickets.length > 0 && tickets.every(ticket => ticket !== undefined) ? tickets[0] : undefined
}

async function takeLease(planned: PlannedRun, host: Host, context: RunContext, folder: string): Promise<Lease> {
  const { options } = context
  const board = planned.board.name
  return host.lease(planned.board, {
    holder: { ...thisProcess(options.command, options.clock), recordingPath: join(folder, 'console.log') },
    waitMs: options.leaseWaitMs,
    signal: context.signal,
    recordingPath: join(folder, 'console.log'),
    listener: {
      trusted: trust => context.emit({ type: 'trusted', board, trust }),
      note: text => context.emit({ type: 'note', board, text }),
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
