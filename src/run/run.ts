import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../base/time.ts'
import { Agent } from '../agent/agent.ts'
import type { NewEvent, RunEvent } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { exitCodeOf } from '../model/verdict.ts'
import { EventLog } from './event-log.ts'
import { inspectImages } from './images.ts'
import { runBoard } from './run-board.ts'
import { RunContext, type RunOptions } from './run-context.ts'
import { mustSelect } from './selection.ts'
import { rememberStages } from './stage-times.ts'

export interface RunOutcome {
  readonly run: string
  readonly folder: string
  readonly events: readonly RunEvent[]
  readonly exitCode: number
}

/** One execution of a plan: images checked, then every board leased, provisioned, tested and released, all at once. */
export async function run(options: RunOptions): Promise<RunOutcome> {
  const { clock } = options
  const startedMs = clock.ticksMs()
  const images = await inspectImages(options.plan.runs, options.signal)
  if (options.grep !== undefined) await mustSelect(options.plan, options.grep, options.reportDir)
  const id = runId(clock)
  const folder = join(options.reportDir, id)
  using log = new EventLog(join(folder, 'run.jsonl'), clock, [options.onEvent])
  const context = new RunContext(options, log, folder, options.openLog(join(folder, 'hil.log')))
  try {
    log.emit(startEvent(options, id, images))
    const agent = new Agent(clock, context.log)
    await Promise.all(options.plan.runs.map(planned => runBoard(planned, images, agent, context)))
    // Too late for any board, and still what somebody asked for.
    if (!context.blames(log.events).includes('cancelled')) options.signal.throwIfAborted()
  } catch (error) {
    context.fail(null, error)
  } finally {
    await context.close()
  }
  const exitCode = exitCodeOf(context.blames(log.events))
  context.emit({ type: 'run-ended', exitCode, durationMs: clock.ticksMs() - startedMs })
  rememberStages(options.bench.name, log.events)
  return { run: id, folder, events: log.events, exitCode }
}

function startEvent(options: RunOptions, run: string, images: ReadonlyMap<string, Image>): NewEvent {
  return {
    type: 'run-started',
    run,
    version: options.version,
    command: options.command,
    bench: options.bench.name,
    boards: options.plan.runs.map(planned => ({
      board: planned.board.name,
      type: planned.board.type.name,
      twin: planned.board.spec.twin,
      image: images.get(planned.phases[0]?.imagePath ?? '') ?? null,
      features: planned.features.map(feature => feature.id),
    })),
    left: options.plan.left,
  }
}

/** `20261122-154102-3f9a`: sorts by time, unique among the runs of a second. */
function runId(clock: Clock): string {
  const stamp = new Date(clock.nowMs()).toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${randomBytes(2).toString('hex')}`
}
