import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Board } from '../../../src/bench/load.ts'
import { ExecStamp } from '../lib/exec-stamp.ts'
import { compileReader, NO_COMPILER, NO_PEXPECT, pexpectScript, startScript } from '../lib/floor.ts'
import { consoleSaidAt, hilRun, stageAt } from '../lib/hil-run.ts'
import { Lab } from '../lib/lab.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, LOGIN, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'

const TO_TEST = 'login prompt seen → first test body'
const TO_EXEC = 'command → QEMU executed'
const PEERS = ['reader', 'pexpect'] as const
const TO_TEST_TARGET = { atMost: 600 }
const TO_EXEC_TARGET = { atMost: 500 }

/** What `hil` itself adds around a boot: before it, between login prompt and first test, behind the last test. */
export const login: Part = {
  name: 'login',
  async measure(options) {
    const missing = tinyMissing()
    if (missing !== undefined)
      return [unmeasured(TO_TEST, 'ms', missing, TO_TEST_TARGET), unmeasured(TO_EXEC, 'ms', missing, TO_EXEC_TARGET)]
    await using lab = new Lab()
    const { board } = await wireTinyBoard(lab)
    return rowsOf(await samplesOf(lab, board, options))
  },
}

interface Samples {
  readonly hil: readonly Record<'toExec' | 'toTest' | 'toBooted' | 'toLoggedIn' | 'attach' | 'end', number>[]
  readonly execFloor: readonly number[]
  /** Undefined: the peer is not installed. */
  readonly reader: readonly number[] | undefined
  readonly pexpect: readonly number[] | undefined
}

async function samplesOf(lab: Lab, board: Board, { runs, say }: BenchOptions): Promise<Samples> {
  const stamp = new ExecStamp(lab)
  const compiled = compileReader(lab)
  const words = [lab.tty(BOARD), LOGIN.user, LOGIN.password]
  const reader = compiled === undefined ? undefined : [compiled, ...words, '0']
  const pexpect = pexpectScript()?.concat(words)
  const samples = { hil: [] as Samples['hil'][number][], execFloor: [] as number[] }
  const scripts = { reader: [] as number[], pexpect: [] as number[] }
  // One run that does not count: it fills the caches every later run finds.
  await hilSample(lab, stamp)
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    samples.hil.push(await hilSample(lab, stamp))
    samples.execFloor.push(execFloor(stamp))
    // In turn: what ran just before, and what it left to be written to disk, must not always meet the same one.
    for (const name of run % 2 === 0 ? PEERS : PEERS.toReversed()) {
      const argv = { reader, pexpect }[name]
      if (argv) scripts[name].push(await scriptSample(board, argv))
    }
  }
  return { ...samples, reader: reader && scripts.reader, pexpect: pexpect && scripts.pexpect }
}

async function hilSample(lab: Lab, stamp: ExecStamp): Promise<Samples['hil'][number]> {
  const began = join(lab.folder, 'began')
  const suites = join(import.meta.dirname, 'suite')
  const env = { ...stamp.env, HIL_SUITES_DIR: suites, HIL_BENCH_BEGAN: began }
  const run = await hilRun(lab, ['--device', 'nuc', '--no-flash'], env)
  const prompt = consoleSaidAt(run, BOARD, /login: /)
  const body = Number(readFileSync(began, 'utf8'))
  const loggedIn = stageAt(run, BOARD, 'login', 'end')
  return {
    toExec: stamp.take() - run.startedMs,
    toTest: body - prompt,
    toBooted: stageAt(run, BOARD, 'boot', 'end') - prompt,
    toLoggedIn: loggedIn - prompt,
    attach: body - loggedIn,
    end: run.endedMs - Date.parse(run.events.findLast(event => event.type === 'test')!.at),
  }
}

/** The least a program written in JavaScript that starts a QEMU can take. */
function execFloor(stamp: ExecStamp): number {
  const startedMs = Date.now()
  const script = '"$0" -e 0 && exec qemu-system-x86_64 --version'
  spawnSync('sh', ['-c', script, process.execPath], { env: { ...process.env, ...stamp.env }, stdio: 'ignore' })
  return stamp.take() - startedMs
}

/** Boots the board for a script that waits on its console, logs in and runs one command. */
async function scriptSample(board: Board, argv: readonly string[]): Promise<number> {
  const power = await rawPower(board)
  const script = startScript(argv)
  try {
    await script.ready
    await power.on(never())
    const { at } = await script.ended
    return at.first! - at.login!
  } finally {
    await power.off(never())
  }
}

function rowsOf({ hil, execFloor, reader, pexpect }: Samples): Row[] {
  const of = (what: keyof Samples['hil'][number]): number[] => hil.map(sample => sample[what])
  const toTest = of('toTest')
  const floor = reader && { name: 'C reader: → first command', values: reader }
  const bare = { name: 'node -e 0, then exec', values: execFloor }
  return [
    measured({ name: TO_TEST, unit: 'ms', values: toTest, against: floor, target: TO_TEST_TARGET }),
    ...(floor ? [] : [unmeasured('C reader: login prompt seen → first command', 'ms', NO_COMPILER)]),
    pexpect
      ? measured({
          name: TO_TEST,
          unit: 'ms',
          values: toTest,
          against: { name: 'pexpect: → first command', values: pexpect },
        })
      : unmeasured('pexpect: login prompt seen → first command', 'ms', NO_PEXPECT),
    measured({ name: '  of it: until the boot stage ends', unit: 'ms', values: of('toBooted') }),
    measured({ name: '  of it: until logged in', unit: 'ms', values: of('toLoggedIn') }),
    measured({ name: '  of it: logged in → test body', unit: 'ms', values: of('attach') }),
    measured({ name: TO_EXEC, unit: 'ms', values: of('toExec'), against: bare, target: TO_EXEC_TARGET }),
    measured({ name: 'last test ended → process ended', unit: 'ms', values: of('end') }),
  ]
}
