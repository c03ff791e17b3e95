import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import { describeHolder, thisProcess } from '../bench/lock.ts'
import { pending, type Agent, type Lease } from '../agent/agent.ts'
import type { NewEvent, Stage } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { Execution } from './execute.ts'
import type { Phase, PlannedRun } from './plan.ts'
import { provision, stage, type ProvisionMeans } from './provision.ts'
import type { RunContext } from './run-context.ts'

/** Takes one board through a run. Never throws: what goes wrong on one board is that board's event. */
export async function runBoard(
  planned: PlannedRun,
  images: ReadonlyMap<string, Image>,
  agent: Agent,
  context: RunContext,
): Promise<void> {
  const { options } = context
  const board = planned.board.name
  const folder = join(context.folder, board)
  let current: Stage = 'lease'
  const emit = (event: NewEvent): void => {
    if (event.type === 'stage') current = event.stage
    context.emit(event)
  }
  const tracked: ProvisionMeans = { clock: options.clock, emit, signal: context.signal }
  try {
    const lease = await stage(tracked, board, 'lease', () => takeLease(planned, agent, context, folder))
    if (lease.live.console) emit({ type: 'recording', board, from: lease.live.recording.begin })
    try {
      for (const phase of planned.phases) {
        const image = images.get(phase.imagePath ?? '') ?? null
        await provisionAndTest(lease, phase, image, agent, context, tracked)
      }
    } catch (error) {
      // Now, while it is known how far the board came.
      context.fail(board, error, current)
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
  agent: Agent,
  context: RunContext,
  means: ProvisionMeans,
): Promise<void> {
  const { options, signal } = context
  const board = lease.board.name
  const over = new AbortController()
  lease.ready = pending()
  const provisioned = provision(lease, image, phase.variant, means)
  // The runner starts while the board flashes and boots; a board that fails first needs none.
  const tests = context.serve(agent).then(socketPath => {
    lease.announce(socketPath)
    if (over.signal.aborted) return undefined
    return new Execution({
      board,
      epoch: lease.epoch,
      variant: phase.variant,
      features: phase.features,
      ...(options.grep !== undefined && { grep: options.grep }),
      socketPath,
      folder: join(context.folder, board),
      emit: means.emit,
    })
  })
  let ready = false
  try {
    tests.catch(() => undefined)
    await provisioned
    ready = true
    lease.ready.resolve()
    await stage(means, board, 'test', async () => {
      const execution = await tests
      if (!execution)
        throw new Fault('internal/bug', { expected: 'a test runner for a board that is ready', seen: 'none' })
      await execution.finish(signal)
      // What struck between two tests no test has told of.
      const trouble = await lease.live.trouble()
      if (trouble && !execution.hasTold(trouble)) throw trouble
    })
  } finally {
    over.abort()
    const execution = await tests.catch(() => undefined)
    if (!ready) execution?.abandon()
    await execution?.[Symbol.asyncDispose]()
  }
}

async function takeLease(planned: PlannedRun, agent: Agent, context: RunContext, folder: string): Promise<Lease> {
  const { options } = context
  const board = planned.board.name
  return agent.lease(planned.board, {
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
    onWait: holder =>
      context.emit({ type: 'note', board, text: `waits for ${holder ? describeHolder(holder) : 'its holder'}` }),
  })
}
