import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { answered, connect } from '../../../src/agent/client.ts'
import { AgentProcess } from '../../e2e/agent-process.ts'
import { story, type Ended, type HilProcess } from '../../e2e/hil.ts'
import { Lab } from '../../e2e/lab.ts'
import { of } from '../../e2e/verdicts.ts'
import { ConsoleChecks } from './console-checks.ts'
import { checkLog } from './log-checks.ts'
import { Durations } from './moment.ts'

/** The board that is struck: a twin that really boots. */
export const BOARD = 'nuc-1'
/** A board without cables, which somebody holds through all of it. */
const HELD_BOARD = 'nuc-2'
const HELD = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }

/** A bench that is killed at again and again, with an agent or without: what it is like is known from kill to kill. */
export class KillLab implements AsyncDisposable {
  readonly lab: Lab
  readonly bench: string
  readonly durations: Durations
  readonly #console = new ConsoleChecks()
  agent: AgentProcess | undefined
  #held: string | undefined

  private constructor(lab: Lab, durations: Durations) {
    this.lab = lab
    this.durations = durations
    this.bench = lab.bench({ [BOARD]: lab.board(), [HELD_BOARD]: HELD })
  }

  static async open(durations: Durations): Promise<KillLab> {
    return new KillLab(await Lab.open(), durations)
  }

  /** Has an agent, or has none. */
  async agentRuns(wanted: boolean): Promise<void> {
    if (!wanted) await this.agent?.stop()
    if (!wanted) this.agent = undefined
    else this.agent ??= await AgentProcess.start(this.lab, this.bench)
    if (!wanted || this.#held !== undefined) return
    const held = await this.lab.start(['hold', HELD_BOARD, '--for', '24h', '--bench', this.bench]).ended
    assert.equal(held.exitCode, 0, story(held))
    this.#held = JSON.stringify(await this.#leaseOf(HELD_BOARD))
  }

  /** As a crash, or the memory killer. */
  async killAgent(): Promise<void> {
    await this.agent?.kill()
    this.agent = undefined
  }

  /** Whether the board that is struck could be had. */
  async isFree(): Promise<boolean> {
    if (this.agent) return (await this.#leaseOf(BOARD)) === undefined
    const told = await this.lab.start(['boards', '--bench', this.bench, '--json']).ended
    const { boards } = JSON.parse(told.stdout) as { boards: { board: string; state: string }[] }
    return boards.find(({ board }) => board === BOARD)?.state === 'free'
  }

  async checkHeld(): Promise<void> {
    assert.equal(JSON.stringify(await this.#leaseOf(HELD_BOARD)), this.#held, 'what somebody holds is held as it was')
  }

  /** Begins a run; a run into whose tests something is to happen has one that lasts. */
  startRun(features: readonly string[]): HilProcess {
    return this.lab.startRun(this.bench, [...features.flatMap(id => ['--feature', id]), '--wait', '1'])
  }

  /** Looks at what a run left behind, and removes it. */
  checkRun(ended: Ended): void {
    const events = checkLog(this.lab.reportDir, ended)
    const run = of(events, 'run-started')[0]?.run
    if (run === undefined) return
    const folder = join(this.lab.reportDir, run)
    this.#console.check(events, folder, BOARD, this.lab.boardDir(BOARD))
    rmSync(folder, { recursive: true })
  }

  /** A whole run, which must pass. */
  async mustPass(): Promise<void> {
    const startMs = Date.now()
    const run = this.startRun(['quick'])
    const ended = await run.ended
    assert.equal(ended.exitCode, 0, story(ended))
    this.durations.learn(ended.events, Date.parse(ended.events[0]!.at) - startMs)
    this.checkRun(ended)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]()
  }

  async #leaseOf(name: string) {
    using client = connect(join(this.lab.stateDir, 'e2e/agent.sock'))
    const { boards } = await answered(client.api.leaseBook.query())
    return boards.find(board => board.name === name)?.lease ?? undefined
  }
}
