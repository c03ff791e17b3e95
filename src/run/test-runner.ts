import { fork, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { RunnerMessage } from '../model/runner-message.ts'
import { ROOT, SUITES } from './catalog.ts'

export interface RunnerOptions {
  /** Suites, relative to `suites/`. */
  readonly suites: readonly string[]
  readonly grep?: string
  readonly grepInvert?: string
  readonly list?: boolean
  readonly env: Readonly<Record<string, string>>
  readonly outputDir: string
  /** Where the runner's own words go. */
  readonly logPath: string
  readonly onMessage: (message: RunnerMessage) => void
}

/** How long a runner may take to wind up after an interrupt before it is killed. */
const WIND_UP_MS = 10_000

/**
 * One Playwright process: the tests of one board. It is started while the board boots and waits for it in a worker
 * fixture, which hides its start-up.
 */
export class TestRunner implements AsyncDisposable {
  readonly ended: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>
  readonly #child: ChildProcess
  #running = true

  constructor(options: RunnerOptions) {
    const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
    const log = openSync(options.logPath, 'a')
    const args = ['test', '-c', `${ROOT}suites/playwright.config.ts`]
    if (options.grep !== undefined) args.push('--grep', options.grep)
    if (options.grepInvert !== undefined) args.push('--grep-invert', options.grepInvert)
    // Nothing selected is not the runner's failure: who planned it has a better word for it.
    if (options.list) args.push('--list', '--pass-with-no-tests')
    this.#child = fork(cli, [...args, ...options.suites.map(anchored)], {
      cwd: SUITES,
      // Its own process group: a Ctrl-C on the terminal is ours to pass on, at the right moment.
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, ...options.env, HIL_SUITES_DIR: SUITES, HIL_OUTPUT: options.outputDir, FORCE_COLOR: '0' },
    })
    closeSync(log)
    this.#child.on('message', message => options.onMessage(message as RunnerMessage))
    const { promise, resolve } = Promise.withResolvers<{ exitCode: number | null; signal: NodeJS.Signals | null }>()
    this.ended = promise
    this.#child.once('error', () => resolve({ exitCode: null, signal: null }))
    this.#child.once('close', (exitCode, signal) => {
      this.#running = false
      resolve({ exitCode, signal })
    })
  }

  /** Ends it now: nothing it did must be put back or told. */
  kill(): void {
    if (this.#running) this.#killGroup()
  }

  /** Ends the runner: an interrupt first, since only after that Playwright tears fixtures down and reports. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#running) return
    this.#child.kill('SIGINT')
    const timer = setTimeout(() => this.kill(), WIND_UP_MS)
    await this.ended
    clearTimeout(timer)
  }

  #killGroup(): void {
    try {
      process.kill(-this.#child.pid!, 'SIGKILL')
    } catch {
      this.#child.kill('SIGKILL')
    }
  }
}

/** A file filter is a regular expression to Playwright: one that matches just this suite. */
function anchored(suite: string): string {
  return `/${suite.replaceAll('.', '\\.')}$`
}
