import { writeSync } from 'node:fs'
import { hostOf, type Host } from '../agent/host.ts'
import { systemRandom, type Random } from '../base/random.ts'
import { holdRun } from './active.ts'
import { TestRunner, type RunnerOptions } from './test-runner.ts'

/** Tests of one board at work; disposing ends them, and waits until they have put back what they had in hand. */
export interface RunningTests extends AsyncDisposable {
  /** Ends those that have nothing in hand. */
  kill(): void
  readonly ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>
}

/** What a run takes of its host. A simulation brings its own. */
export interface RunMeans {
  readonly random: Random
  readonly hostOf: (...options: Parameters<typeof hostOf>) => Promise<Host>
  readonly startTests: (options: RunnerOptions) => RunningTests
  readonly holdRun: (run: string) => Promise<AsyncDisposable | undefined>
  /** Writes a part of the run's log; errors: what the system says. */
  readonly write: (fd: number, bytes: Buffer, from: number, length: number, position: number) => number
}

export const systemRunMeans: RunMeans = {
  random: systemRandom,
  hostOf,
  startTests: options => new TestRunner(options),
  holdRun,
  write: writeSync,
}
