import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { RunEvent } from '../../src/model/event.ts'
import { HilProcess, ROOT, story, type Ended } from './hil.ts'
import { imageOf } from './images.ts'
import { eventually, kill, processesWith, type Process } from './processes.ts'

/** A board as a bench file writes it, loosely: tests also write wrong ones. */
export type BoardYaml = Record<string, unknown>

/** A bench of its own in a folder of its own, under locks of its own: tests never meet. */
export class Lab implements AsyncDisposable {
  readonly folder: string
  readonly stateDir: string
  readonly port: number
  readonly env: NodeJS.ProcessEnv
  reportDir: string

  private constructor(port: number) {
    // Short: sockets live in there, and their paths may have 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), 'e2e-'))
    this.stateDir = join(this.folder, 's')
    this.reportDir = join(this.folder, 'runs')
    this.port = port
    this.env = {
      ...process.env,
      HIL_STATE_DIR: this.stateDir,
      HIL_LOCK_SPACE: basename(this.folder),
      HIL_SUITES_DIR: join(ROOT, 'ci/e2e/suites'),
    }
  }

  static async open(): Promise<Lab> {
    return new Lab(await freePort())
  }

  /** Where a board of this lab keeps its state. */
  boardDir(name = 'nuc-1'): string {
    return join(this.stateDir, 'e2e', name)
  }

  /** A virtual NUC with the tiny image, every control wired; `change` says what is different. */
  board(change: BoardYaml = {}): BoardYaml {
    return {
      type: 'nuc',
      twin: true,
      images: { debug: imageOf('tiny-amd64') },
      login: { user: 'ghaf', password: 'ghaf' },
      limitsMs: { boot: 60_000, ssh: 30_000 },
      power: this.power(),
      console: { driver: 'serial', path: '${state}/ttyACM0' },
      media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 64 },
      flasher: { driver: 'raw' },
      shell: { driver: 'ssh', host: '127.0.0.1', port: this.port, route: 'direct' },
      ...change,
    }
  }

  power(change: BoardYaml = {}): BoardYaml {
    const places = { disk: '${state}/disk.img', console: '${state}/ttyACM0' }
    return { driver: 'qemu', machine: 'nuc', ...places, sshPort: this.port, memoryMiB: 256, ...change }
  }

  /** Writes a bench file; JSON is YAML. */
  bench(boards: Record<string, BoardYaml>, name = 'bench'): string {
    const body = { name: 'e2e', boards }
    return this.file(
      `${name}.yaml`,
      JSON.stringify(body, (_key, value: unknown) => value ?? undefined, 2),
    )
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    return path
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): HilProcess {
    return new HilProcess(args, { ...this.env, ...env })
  }

  /** Whether its runs run again what failed: that takes time, and says nothing new of most cases. */
  confirms = false

  /** Begins `hil run` on a bench file. */
  startRun(bench: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): HilProcess {
    const device = args.includes('--device') ? [] : ['--device', 'nuc-1']
    const once = this.confirms || args.includes('--no-confirm') ? [] : ['--no-confirm']
    const words = ['run', ...device, ...once, '--bench', bench, '--report-dir', this.reportDir, '--json', ...args]
    return this.start(words, env)
  }

  /** A whole `hil run` of one board with these differences, and all that must hold after any run. */
  async run(change: BoardYaml, features: readonly string[], exitCode: number, ...args: string[]): Promise<Ended> {
    const bench = this.bench({ 'nuc-1': this.board(change) })
    const hil = this.startRun(bench, [...features.flatMap(id => ['--feature', id]), ...args])
    return this.mustEnd(hil, exitCode)
  }

  /** Waits for the end and checks what must hold after every run, whatever happened in it. */
  async mustEnd(hil: HilProcess, exitCode: number, limitMs = 240_000): Promise<Ended> {
    // No case takes a third of this: it is here so that a hang says where it hangs.
    const timer = setTimeout(() => hil.signal('SIGKILL'), limitMs)
    const ended = await hil.ended
    clearTimeout(timer)
    assert.equal(ended.exitCode, exitCode, story(ended))
    this.mustBeWhole(ended)
    await this.mustBeAtRest()
    return ended
  }

  /** The run's log is complete, and says what was said while it ran. */
  mustBeWhole(ended: Ended): void {
    const started = ended.events.find(event => event.type === 'run-started')
    if (!started) return
    const logged = logOf(this.reportDir, started.run)
    assert.deepEqual(
      logged,
      ended.events.filter(event => event.type !== 'progress'),
    )
    const last = logged.at(-1)
    assert.equal(last?.type, 'run-ended')
    assert.equal(last.exitCode, ended.exitCode)
    for (const report of ['junit.xml', 'report.html', 'status.md'])
      assert.ok(existsSync(join(this.reportDir, started.run, report)), `${report} is written`)
  }

  /** No board has power, no test process is left, and every board can be leased again. */
  async mustBeAtRest(): Promise<void> {
    assert.deepEqual(this.qemus(), [], 'QEMU processes after the run')
    await eventually('every test process ends', () => this.runners().length === 0, 5000).catch(() => undefined)
    assert.deepEqual(this.runners(), [], 'test processes after the run')
    if (!existsSync(this.stateDir)) return
    const plain = this.bench({ 'nuc-1': this.board({ console: undefined }) }, 'at-rest')
    const status = await this.start(['power', 'nuc-1', 'status', '--bench', plain]).ended
    assert.equal(status.exitCode, 0, story(status))
    assert.match(status.stdout, /^nuc-1: off$/m)
  }

  processes(): Process[] {
    return processesWith(`HIL_STATE_DIR=${this.stateDir}`)
  }

  /** The virtual boards that have power. */
  qemus(): Process[] {
    return this.processes().filter(({ command }) => command.startsWith('qemu-system-'))
  }

  /** Resolves when a board's console has said something in a run. */
  async consoleSpeaks(name = 'nuc-1'): Promise<void> {
    await eventually('the console says something', () =>
      runsOf(this).some(run => (statSync(join(this.reportDir, run, name, 'console.log'), OPTIONAL)?.size ?? 0) > 0),
    )
  }

  /** The test runner and its workers. */
  runners(): Process[] {
    return this.processes().filter(({ command }) => command.includes('playwright'))
  }

  /** The processes that tests run in. */
  workers(): Process[] {
    return this.runners().filter(({ command }) => !command.includes('/cli.js'))
  }

  /** Takes a board's power away as a pulled plug would. */
  pullPlug(): void {
    const qemus = this.qemus()
    assert.equal(qemus.length, 1, 'boards that have power')
    kill(qemus[0]!.pid)
  }

  /** Whether anything was ever switched on here. */
  everPowered(): boolean {
    return existsSync(join(this.boardDir(), 'qemu.log'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.processes()) kill(pid)
    await eventually('everything this lab started ends', () => this.processes().length === 0)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const OPTIONAL = { throwIfNoEntry: false } as const

/** The events in a run's log; every line must be whole. */
export function logOf(reportDir: string, run: string): RunEvent[] {
  const text = readFileSync(join(reportDir, run, 'run.jsonl'), 'utf8')
  assert.ok(text.endsWith('\n'), 'the log ends with a whole line')
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as RunEvent)
}

/** The folders of the runs in a lab. */
export function runsOf(lab: Lab): string[] {
  mkdirSync(lab.reportDir, { recursive: true })
  // The history of all runs lies beside them.
  return readdirSync(lab.reportDir).filter(name => !name.startsWith('history.sqlite'))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
