import { mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import { abortable } from '../base/time.ts'
import type { NewEvent, TestResult } from '../model/event.ts'
import type { Feature } from '../model/feature.ts'
import type { Variant } from '../model/image.ts'
import { judge } from '../model/judge.ts'
import type { TestName } from '../model/rerun.ts'
import { verdictOf } from '../model/verdict.ts'
import type { FinishedTest, RunnerMessage } from '../model/runner-message.ts'
import { systemRunMeans, type RunMeans, type RunningTests } from './run-means.ts'

export interface ExecuteOptions {
  readonly board: string
  readonly epoch: number
  readonly variant: Variant
  readonly features: readonly Feature[]
  readonly grep?: string
  /** Only these tests, run before: whether their results repeat. `rerun` counts from 1. `name`: of its folders. */
  readonly again?: { readonly tests: readonly TestName[]; readonly rerun: number; readonly name?: string }
  /** Only these tests, which could not begin before. */
  readonly only?: readonly TestName[]
  /** The ticket of the open known issue that a failure of a feature on this board is. */
  readonly knownIssue: (feature: string) => string | undefined
  readonly socketPath: string
  /** This board's folder in the run's. */
  readonly folder: string
  readonly emit: (event: NewEvent) => void
  readonly startTests?: RunMeans['startTests']
}

/** The tests of one board, running in a process of their own. */
export class Execution implements AsyncDisposable {
  readonly #options: ExecuteOptions
  readonly #runner: RunningTests
  readonly #problems: string[] = []
  #abandoned = false
  readonly results: TestResult[] = []
  readonly #told = new Set<FaultCode>()
  /** What the runner said it would run, in order. */
  #selected: readonly { readonly suite: string; readonly title: string }[] | undefined
  /** Of those, what it told of: that it began, and how it ended. */
  readonly #begun = new Set<string>()
  readonly #finished = new Set<string>()

  constructor(options: ExecuteOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true })
    const { again, only, variant, startTests = systemRunMeans.startTests } = options
    const name = again ? (again.name ?? `${variant}-again-${again.rerun}`) : only ? `${variant}-reflashed` : variant
    const chosen = again?.tests ?? only
    this.#runner = startTests({
      suites: options.features.flatMap(feature => feature.suite ?? []),
      ...selectionOf(variant, chosen ? grepFor(chosen) : options.grep),
      env: {
        HIL_SOCKET: options.socketPath,
        HIL_BOARD: options.board,
        HIL_EPOCH: String(options.epoch),
        HIL_VARIANT: options.variant,
        HIL_PLAYWRIGHT_REPORT: join(options.folder, 'playwright', name),
      },
      outputDir: join(options.folder, 'test-output', name),
      logPath: join(options.folder, 'runner.log'),
      onMessage: message => this.#take(message),
    })
  }

  /**
   * Waits for the last test; an abort ends the one that runs. Errors: `infrastructure/runner` when the runner itself
   * failed, `test/exception` for a suite that cannot be loaded.
   */
  async finish(abort: AbortSignal): Promise<void> {
    const { exitCode, signal } = await abortable(this.#runner.ended, abort)
    this.#tellMissing()
    if (
      this.#problems.length > 0 ||
      this.#selected === undefined ||
      this.#finished.size < this.#selected.length ||
      exitCode === null
    )
      throw new Fault(this.#problems.some(isSuiteProblem) ? 'test/exception' : 'infrastructure/runner', {
        expected: 'the test runner to run the suites',
        seen: this.#problems[0] ?? `it ended with ${signal ?? `exit code ${exitCode}`}`,
        evidence: this.#problems.flatMap(problem => problem.split('\n')).slice(0, 20),
      })
  }

  /** Whether a test has told of a trouble. One that struck between two tests is nobody's yet: it only blocks the rest. */
  hasTold(trouble: Fault): boolean {
    return this.#told.has(trouble.code)
  }

  /** Takes over what another execution of the same phase found out about tests that could not begin in this one. */
  adopt(other: Execution): void {
    const told = new Set(other.results.map(nameOf))
    const kept = this.results.filter(result => !told.has(nameOf(result)))
    this.results.splice(0, this.results.length, ...kept, ...other.results)
    for (const code of other.#told) this.#told.add(code)
  }

  /**
   * Ends the tests of a board that was never there for them: nothing they say counts, and there is nothing to wind up.
   * Playwright misses an interrupt while its worker begins, and would keep the board from being switched off for 10 s.
   */
  abandon(): void {
    this.#abandoned = true
    this.#runner.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // As in `abandon`: no test has begun, so none has anything in hand.
    if (this.#begun.size === 0) this.#runner.kill()
    await this.#runner[Symbol.asyncDispose]()
  }

  #take(message: RunnerMessage): void {
    if (this.#abandoned) return
    const { board, emit } = this.#options
    switch (message.type) {
      case 'begin':
        this.#selected = message.tests
        break
      case 'started':
        this.#begun.add(keyOf(message))
        emit({
          type: 'progress',
          board,
          stage: 'test',
          done: this.#finished.size,
          total: this.#selected?.length ?? 0,
          unit: message.title,
        })
        break
      case 'test':
        // A test ends once: what is said twice is heard once.
        if (this.#finished.has(keyOf(message))) return
        this.#finished.add(keyOf(message))
        this.#tell(message)
        break
      case 'error':
        this.#problems.push(message.message)
        break
      case 'end':
        break
    }
  }

  /** Tests that began, or behind which others did, and whose end nobody told: their rows must not pass by what is left. */
  #tellMissing(): void {
    const { board, features, again, emit } = this.#options
    const heard = (test: { suite: string; title: string }): boolean =>
      this.#begun.has(keyOf(test)) || this.#finished.has(keyOf(test))
    const begun = again ? [] : (this.#selected ?? []).slice(0, (this.#selected ?? []).findLastIndex(heard) + 1)
    for (const { suite, title } of begun.filter(test => !this.#finished.has(keyOf(test)))) {
      const fault = noResult(title)
      const blame = fault.class
      const feature = features.find(feature => feature.suite === suite)?.id ?? suite
      const result = {
        feature,
        title,
        verdict: verdictOf(blame),
        blame,
        fault: fault.record(),
        durationMs: 0,
        attempt: 0,
      }
      this.results.push(result)
      emit({ type: 'test', board, result })
    }
  }

  #tell(test: FinishedTest): void {
    const { board, folder, features, again, only, knownIssue, emit } = this.#options
    const feature = features.find(feature => feature.suite === test.suite)
    const id = feature?.id ?? test.suite
    // A title says which test it is only almost: another suite's may read the same.
    const chosen = again?.tests ?? only
    if (chosen && !chosen.some(({ feature, title }) => feature === id && title === test.title)) return
    const files = test.files.map(file => ({ ...file, path: relative(dirname(folder), file.path) }))
    const judged = { ...judgeTest({ ...test, files }, feature?.maturity === 'integrated'), feature: id }
    const known = judged.verdict === 'fail' ? knownIssue(id) : undefined
    const left = this.#selected?.filter(other => other.suite === test.suite && !this.#finished.has(keyOf(other))).length
    const more = { ...(left !== undefined && { left }), ...(known !== undefined && { known }) }
    const result = { ...judged, ...more, ...(again && { rerun: again.rerun }) }
    if (result.fault && result.verdict !== 'miss') this.#told.add(result.fault.code)
    this.results.push(result)
    emit({ type: 'test', board, result })
  }
}

function noResult(title: string): Fault {
  return new Fault('infrastructure/runner', {
    expected: `the test runner to tell how '${title}' ended`,
    seen: 'it ended, or went on, without a word of it',
  })
}

/** Titles alone are not unique: suites may have the same. */
function keyOf({ suite, title }: { readonly suite: string; readonly title: string }): string {
  return `${suite}\n${title}`
}

/** A finished test as the run records it: judged, with the console lines that show why. */
export function judgeTest(test: FinishedTest, isPromised = false): Omit<TestResult, 'feature'> {
  const { title, durationMs, attempt, slice, blocked, trouble, absent, startedAtMs, steps, files } = test
  const base = {
    title,
    durationMs,
    attempt,
    startedAtMs,
    ...(slice && { slice }),
    ...(steps.length > 0 && { steps }),
    ...(files.length > 0 && { files }),
  }
  if (blocked)
    return { ...base, verdict: 'miss', reason: `the board was in trouble before: ${blocked.seen}`, fault: blocked }
  const failed = test.status !== 'passed' && test.status !== 'skipped'
  const judged = judge({
    status: test.status,
    errors: test.errors,
    // A board that died during a test proves something even when the test itself saw nothing of it.
    ...(trouble && (failed || trouble.code.startsWith('product/')) && { fault: trouble }),
    workerLost: test.errors.some(error => /worker process exited/i.test(error.message)),
    ...(test.skipReason !== undefined && { skipReason: test.skipReason }),
    ...(absent !== undefined && { absent, isPromised }),
  })
  return {
    ...base,
    ...judged,
    ...(judged.verdict === 'skip' && test.untested !== undefined && { untested: true as const }),
    ...(judged.verdict === 'fail' && absent !== undefined && { absent: true as const }),
    ...(judged.verdict !== 'pass' && test.lines && { consoleLines: test.lines.slice(-20) }),
  }
}

function isSuiteProblem(problem: string): boolean {
  // The reporter names the file an error is in: a suite, or what a suite imports.
  return /^\S+\.ts:\d+: /.test(problem)
}

/** Tests of the release image are tagged `@release`; all others are the debug image's. */
export function selectionOf(variant: Variant, grep: string | undefined): { grep?: string; grepInvert?: string } {
  if (variant === 'debug') return { ...(grep !== undefined && { grep }), grepInvert: RELEASE_TAG }
  return { grep: grep === undefined ? RELEASE_TAG : `(?=.*${RELEASE_TAG})(?=.*(?:${grep}))` }
}

/** A pattern for these tests' titles, as Playwright writes them: describes and title behind one another, then tags. */
function grepFor(tests: readonly TestName[]): string {
  const titles = tests.map(({ title }) => title.replaceAll(' › ', ' ').replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
  return `(?:${titles.join('|')})(?: @\\S+)*$`
}

const RELEASE_TAG = '@release'

function nameOf({ feature, title }: TestName): string {
  return `${feature}\n${title}`
}
