import { humanDuration, humanSize } from '../base/text.ts'
import type { Clock } from '../base/time.ts'
import type { EventOf, RunEvent, Stage } from '../model/event.ts'
import { usualMs } from '../run/stage-times.ts'
import { recoveryWords } from '../report/recovery-words.ts'
import { Rate } from './rate.ts'
import { proofWords } from './proof-words.ts'

/** What one line of progress says. */
export interface BoardProgress {
  readonly name: string
  readonly mark: string
  readonly stage: string
  readonly elapsedMs: number
  /** Time left of the whole run on this board, from earlier runs; absent while there were none. */
  readonly etaMs: number | undefined
  readonly detail: string | undefined
}

interface State {
  startedMs: number
  stage: Stage | 'done' | 'failed'
  stageStartedMs: number
  endedMs?: number
  detail?: string | undefined
  /** Of the work under way: `writing`, `reading back`. */
  work?: { name: string; rate: Rate; toldMs: number }
  tests: { passed: number; other: number }
}

/** Folds events into what a watcher wants to know now. */
export class ProgressModel {
  readonly #clock: Clock
  readonly #boards = new Map<string, State>()
  #usual: ReadonlyMap<string, ReadonlyMap<Stage, number>> = new Map()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(event: RunEvent): void {
    if (event.type === 'run-started') {
      const now = this.#clock.ticksMs()
      for (const { board } of event.boards)
        this.#boards.set(board, { startedMs: now, stage: 'lease', stageStartedMs: now, tests: { passed: 0, other: 0 } })
      this.#usual = usualMs(event.bench, event.boards)
      return
    }
    if (event.type === 'joined') {
      const now = this.#clock.ticksMs()
      this.#boards.set(event.board, {
        startedMs: now,
        stage: 'lease',
        stageStartedMs: now,
        tests: { passed: 0, other: 0 },
      })
    }
    const state = 'board' in event && event.board !== null ? this.#boards.get(event.board) : undefined
    if (!state) return
    if (event.type === 'stage') this.#stage(state, event)
    if (event.type === 'progress')
      state.detail = event.stage === 'flash' ? this.#flash(state, event) : `${event.done}/${event.total} ${event.unit}`
    // A re-run is a second look at a test that counts already.
    if (event.type === 'test' && event.result.rerun === undefined) {
      if (event.result.verdict === 'pass') state.tests.passed++
      else state.tests.other++
    }
    if (event.type === 'note') state.detail = event.text
    if (event.type === 'diagnosis-step') state.detail = stepWords(event)
    if (event.type === 'recovery') state.detail = `recovery: ${recoveryWords(event)}`
    if (event.type === 'fault') {
      state.stage = 'failed'
      state.endedMs = this.#clock.ticksMs()
      state.detail = `${event.fault.code}: ${event.fault.seen}`
    }
  }

  boards(): BoardProgress[] {
    const now = this.#clock.ticksMs()
    return [...this.#boards.entries()].map(([name, state]) => ({
      name,
      mark: MARKS[state.stage] ?? '▸',
      stage: state.stage,
      elapsedMs: (state.endedMs ?? now) - state.startedMs,
      etaMs: this.#eta(name, state, now),
      detail: state.detail,
    }))
  }

  /** An event as one line of a log, where it is worth one. */
  tell(event: RunEvent): string | undefined {
    switch (event.type) {
      case 'run-started':
        return [
          `run ${event.run} on bench ${event.bench}: ${event.boards.map(b => b.board).join(', ')}`,
          ...event.left.map(({ what, why }) => `  left out ${what}: ${why}`),
        ].join('\n')
      case 'stage': {
        const took =
          event.state === 'end' ? ` done in ${humanDuration(this.#took.get(`${event.board} ${event.stage}`) ?? 0)}` : ''
        return `${event.board}: ${event.stage}${took}`
      }
      case 'flashed':
        if (event.proof.readBackBytes === 0) return `${event.board}: flashed by a program, nothing was read back`
        return `${event.board}: ${humanSize(event.proof.imageBytes)} on ${event.proof.target} ${proofWords(event.proof)}, ${humanSize(event.proof.writtenBytes)} of it written (${event.proof.mode})`
      case 'source':
        return `${event.board}: builds from ${event.image.source ?? event.image.path}`
      case 'booted':
        return `${event.board}: up in ${humanDuration(event.durationMs)} by ${event.by}, boot id ${event.bootId ?? 'unknown'}`
      case 'trusted':
        return `${event.board}: ${event.trust.host} ${event.trust.fingerprint} (${event.trust.how})`
      case 'test': {
        const { feature, title, verdict, durationMs, rerun, known } = event.result
        const more = `${rerun ? `, again ${rerun}` : ''}${known ? `, known issue ${known}` : ''}`
        return `${event.board}: ${verdict} ${feature}: ${title} (${humanDuration(durationMs)}${more})`
      }
      case 'fault':
        return `${event.board ?? 'run'}: ${event.fault.code}: expected ${event.fault.expected}; saw ${event.fault.seen}`
      case 'joined':
        return `${event.board}: joins instead of ${event.insteadOf}: ${event.why}`
      case 'diagnosis-step':
        return `${event.board}: ${stepWords(event)}`
      case 'compared':
        return `${event.board}: the golden image: ${event.result.verdict} ${event.result.feature}: ${event.result.title}`
      case 'attributed':
        return `${event.board}: ${event.feature}: ${event.is}, ${event.why}`
      case 'diagnosis':
        return `${event.board}: diagnosis: ${event.is}, ${event.why}`
      case 'recovery':
        return `${event.board}: recovery: ${recoveryWords(event)}`
      case 'rebooted':
        return `${event.board}: rebooted by its ${event.how === 'soft' ? 'own system' : 'power'} in ${humanDuration(event.durationMs)}, boot id ${event.bootId}`
      case 'note':
        return `${event.board ?? 'run'}: ${event.text}`
      case 'run-ended':
        return `run ended in ${humanDuration(event.durationMs)}, exit ${event.exitCode}`
      case 'progress':
        return this.#tellFlash(event)
      case 'recording':
        return undefined
    }
  }

  /** What is written now, how fast, and for how long yet. */
  #flash(state: State, { done, total, unit }: EventOf<'progress'>): string {
    const name = FLASH_WORK[unit] ?? unit
    if (state.work?.name !== name) state.work = { name, rate: new Rate(this.#clock), toldMs: this.#clock.ticksMs() }
    state.work.rate.add(done)
    return `${name} ${state.work.rate.line(done, total)}`
  }

  /** A line now and then: a log that says nothing for minutes looks like one of a hang. */
  #tellFlash({ board, stage }: EventOf<'progress'>): string | undefined {
    const { work, detail } = this.#boards.get(board) ?? {}
    const nowMs = this.#clock.ticksMs()
    if (stage !== 'flash' || !work || nowMs - work.toldMs < TELL_EVERY_MS) return undefined
    work.toldMs = nowMs
    return `${board}: ${detail}`
  }

  readonly #took = new Map<string, number>()

  #stage(state: State, event: Extract<RunEvent, { type: 'stage' }>): void {
    const now = this.#clock.ticksMs()
    state.detail = undefined
    if (event.state === 'begin') {
      if (state.stage !== 'failed') state.stage = event.stage
      state.stageStartedMs = now
      return
    }
    this.#took.set(`${event.board} ${event.stage}`, now - state.stageStartedMs)
    if (event.stage !== 'release' || state.stage === 'failed') return
    state.stage = 'done'
    state.endedMs = now
    state.detail = `${state.tests.passed} passed${state.tests.other > 0 ? `, ${state.tests.other} not` : ''}`
  }

  #eta(board: string, state: State, now: number): number | undefined {
    const usual = this.#usual.get(board)
    if (!usual || state.endedMs !== undefined) return undefined
    const stages = [...usual.keys()]
    const ahead = stages
      .slice(stages.indexOf(state.stage as Stage) + 1)
      .reduce((sum, stage) => sum + usual.get(stage)!, 0)
    const here = Math.max(0, (usual.get(state.stage as Stage) ?? 0) - (now - state.stageStartedMs))
    return here + ahead
  }
}

function stepWords({ of, state, fault, durationMs }: EventOf<'diagnosis-step'>): string {
  const what = of === 'golden' ? 'the golden image' : 'the image again'
  if (state === 'begin') return `diagnosis: tries ${what}`
  return `diagnosis: ${what} ${fault ? `does not boot: ${fault.code}` : `boots in ${humanDuration(durationMs ?? 0)}`}`
}

const MARKS: Partial<Record<State['stage'], string>> = { done: '✓', failed: '✗' }

const TELL_EVERY_MS = 10_000

/** What the units of a flash's progress stand for. */
export const FLASH_WORK: Readonly<Record<string, string>> = {
  B: 'writing',
  'B compared': 'comparing',
  'B read back': 'reading back',
}
