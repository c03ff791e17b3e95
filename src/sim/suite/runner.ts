import type { Session } from '../net/caller-over.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { abortable, within, type Clock } from '../../base/time.ts'
import type { FinishedTest, RunnerMessage, TestEvidence } from '../../model/runner-message.ts'
import type { RunningTests } from '../../run/run-means.ts'
import type { RunnerOptions } from '../../run/test-runner.ts'
import type { Chance } from '../lab/chance.ts'
import { TestCalls, Unmet } from './calls.ts'
import { SIM_SUITES, type SimTest } from './tests.ts'

/** What the real runner's configuration gives a test. */
const TEST_LIMIT_MS = 300_000
const START_MS = { least: 400, most: 1400 }

export interface SimRunnerMeans {
  readonly clock: Clock
  readonly chance: Chance
  /** Connects to the agent behind a socket's path. */
  readonly connect: (socketPath: string) => Session
  /** What becomes of a message on its way: none, one, or several. */
  readonly onTheWay: (message: RunnerMessage) => readonly RunnerMessage[]
  /** Aborts when the process of the tests is killed. */
  readonly killed: AbortSignal
}

/** The tests of one board as Playwright runs them: a process beside the run, of which only messages and calls are seen. */
export class SimTests implements RunningTests {
  readonly ended: RunningTests['ended']
  readonly #options: RunnerOptions
  readonly #means: SimRunnerMeans
  readonly #stop = new AbortController()
  readonly #killed = new AbortController()

  constructor(options: RunnerOptions, means: SimRunnerMeans) {
    this.#options = options
    this.#means = means
    const killed = Promise.withResolvers<Awaited<RunningTests['ended']>>()
    means.killed.addEventListener('abort', () => this.kill(), { once: true })
    this.#killed.signal.addEventListener('abort', () => killed.resolve({ exitCode: null, signal: 'SIGKILL' }))
    this.ended = Promise.race([this.#run(), killed.promise])
  }

  kill(): void {
    this.#killed.abort()
    this.#stop.abort(new Error('killed'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('interrupted'))
    await this.ended
  }

  async #run(): Awaited<RunningTests['ended']> extends infer E ? Promise<E> : never {
    const { clock, connect } = this.#means
    const stop = this.#stop.signal
    const tests = this.#selected()
    let failed = false
    try {
      await this.#start(stop)
      this.#send({ type: 'begin', tests: tests.map(({ suite, title }) => ({ suite, title })) })
      let session: Session | undefined
      for (const test of tests) {
        this.#send({ type: 'started', suite: test.suite, title: test.title })
        session ??= connect(this.#options.env['HIL_SOCKET'] ?? '')
        const finished = await this.#finish(test, session, clock)
        this.#send(finished)
        if (finished.status === 'passed' || finished.status === 'skipped') continue
        failed = true
        if (stop.aborted) break
        // A failed test takes its worker with it.
        session[Symbol.dispose]()
        session = undefined
        await this.#start(stop)
      }
      session?.[Symbol.dispose]()
    } catch (error) {
      if (!stop.aborted) throw error
    }
    this.#send({ type: 'end', status: stop.aborted ? 'interrupted' : failed ? 'failed' : 'passed' })
    return { exitCode: stop.aborted ? 130 : Number(failed), signal: null }
  }

  #start(stop: AbortSignal): Promise<void> {
    return this.#means.clock.sleep(this.#means.chance.between(START_MS.least, START_MS.most), stop)
  }

  #send(message: RunnerMessage): void {
    if (this.#killed.signal.aborted) return
    for (const arrives of this.#means.onTheWay(message)) this.#options.onMessage(arrives)
  }

  #selected(): (SimTest & { suite: string })[] {
    const { suites, grep, grepInvert } = this.#options
    return suites.flatMap(suite =>
      (SIM_SUITES[suite] ?? [])
        .filter(({ title }) => grep === undefined || new RegExp(grep).test(title))
        .filter(({ title }) => grepInvert === undefined || !new RegExp(grepInvert).test(title))
        .map(test => ({ ...test, suite })),
    )
  }

  async #finish(test: SimTest & { suite: string }, session: Session, clock: Clock): Promise<FinishedTest> {
    const stop = this.#stop.signal
    const lease = { board: this.#options.env['HIL_BOARD'] ?? '', epoch: Number(this.#options.env['HIL_EPOCH']) }
    let startedAtMs = clock.nowMs()
    let startMs = clock.ticksMs()
    let evidence: TestEvidence = {}
    let status: FinishedTest['status'] = 'passed'
    let skipReason: string | undefined
    const errors: { message: string; fromMatcher: boolean }[] = []
    try {
      await abortable(session.api.attach(lease), stop)
      startedAtMs = clock.nowMs()
      startMs = clock.ticksMs()
      const { from, blocked } = await abortable(session.api.beginTest(lease), stop)
      if (blocked) {
        evidence = { blocked }
        status = 'skipped'
        skipReason = `blocked: ${blocked.seen}`
      } else {
        const late = (): Fault => new Fault('test/timeout', { expected: 'the test to end in time', seen: 'it did not' })
        const calls = new TestCalls(session.api, lease, from)
        try {
          await within(TEST_LIMIT_MS, late, signal => abortable(test.run(calls), signal), stop, clock)
        } catch (error) {
          status = stop.aborted ? 'interrupted' : asFault(error).code === 'test/timeout' ? 'timedOut' : 'failed'
          errors.push(errorOf(error))
        }
        const { slice, trouble, lines } = await abortable(session.api.endTest({ ...lease, from }), stop)
        evidence = { slice, lines, ...(trouble && { trouble }) }
      }
    } catch (error) {
      status = stop.aborted ? 'interrupted' : 'failed'
      errors.push(errorOf(error))
    }
    return {
      type: 'test',
      suite: test.suite,
      title: test.title,
      status,
      durationMs: clock.ticksMs() - startMs,
      attempt: 0,
      errors,
      startedAtMs,
      steps: [],
      files: [],
      ...evidence,
      ...(skipReason !== undefined && { skipReason }),
    }
  }
}

/** An error as Playwright tells of it: its text only. */
function errorOf(error: unknown): { message: string; fromMatcher: boolean } {
  if (error instanceof Unmet) return { message: `Error: ${error.message}`, fromMatcher: true }
  const cause = error instanceof Error && error.cause instanceof Fault ? error.cause : error
  if (cause instanceof Fault && cause.code === 'product/hang' && cause.expected.startsWith('the console to print'))
    return { message: `Error: expect(console).toPrint: ${cause.seen}`, fromMatcher: true }
  return { message: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), fromMatcher: false }
}
