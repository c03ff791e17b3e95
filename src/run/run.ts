import { join } from 'node:path'
import type { NewEvent, RunEvent } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import { exitCodeOf } from '../model/verdict.ts'
import { runBoardOrSibling } from './board-or-sibling.ts'
import { driftNotes } from './budgets.ts'
import { EventLog } from './event-log.ts'
import { obtainImages, originNotes } from './images.ts'
import type { Plan } from './plan.ts'
import { plannedBoard } from './run-board.ts'
import { RunContext, type RunOptions } from './run-context.ts'
import { runId } from './run-id.ts'
import { systemRunMeans } from './run-means.ts'
import { selectTests } from './selection.ts'
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
  const { grep, reportDir, signal, means = systemRunMeans } = options
  const plan = grep === undefined ? options.plan : await selectTests(options.plan, grep, reportDir, signal)
  const images = await obtainImages(plan.runs, { ...options.images, signal })
  const id = runId(clock, means.random)
  const folder = join(reportDir, id)
  await using _active = await means.holdRun(id)
  using log = new EventLog(join(folder, 'run.jsonl'), clock, [options.onEvent], means.write)
  const context = new RunContext(options, log, folder, options.openLog(join(folder, 'hil.log')))
  try {
    log.emit(startEvent(options, plan, id, images))
    for (const text of originNotes(images.values())) context.emit({ type: 'note', board: null, text })
    const host = await means.hostOf(options.bench.name, {
      clock,
      log: context.log,
      signal,
      isGuarded: true,
    })
    await Promise.all(plan.runs.map(planned => runBoardOrSibling(planned, images, host, context)))
    // Too late for any board, and still what somebody asked for.
    if (!context.blames.includes('cancelled')) options.signal.throwIfAborted()
  } catch (error) {
    context.fail(null, error)
  } finally {
    await context.close()
  }
  await tellDrifts(context)
  const exitCode = exitCodeOf(context.blames)
  context.emit({ type: 'run-ended', exitCode, durationMs: clock.ticksMs() - startedMs })
  try {
    rememberStages(options.bench.name, log.events)
  } catch (error) {
    // Only estimates of later runs depend on it.
    context.log.warn({ err: error }, 'stage times were not remembered')
  }
  return { run: id, folder, events: log.events, exitCode }
}

/** Of boots that now take another time. A history that cannot be read tells of none. */
async function tellDrifts({ options, events, log, emit }: RunContext): Promise<void> {
  try {
    const notes = options.timesOf ? await driftNotes(events, options.timesOf) : []
    for (const note of notes) emit({ type: 'note', ...note })
  } catch (error) {
    log.warn({ err: error }, 'whether boots take longer than they did is not known')
  }
}

function startEvent(options: RunOptions, plan: Plan, run: string, images: ReadonlyMap<string, Image>): NewEvent {
  return {
    type: 'run-started',
    run,
    version: options.version,
    command: options.command,
    bench: options.bench.name,
    ...(options.grep !== undefined && { grep: options.grep }),
    boards: plan.runs.map(planned => plannedBoard(planned, images)),
    left: plan.left,
  }
}
