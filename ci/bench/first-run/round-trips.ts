import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/time.ts'
import { LiveBoard, type ShellPlace } from '../../../src/bench/live-board.ts'
import type { Board } from '../../../src/bench/load.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { compileReader, NO_COMPILER, startScript } from '../lib/floor.ts'
import { Lab } from '../lib/lab.ts'
import { ControlMaster, openSshMissing } from '../lib/open-ssh.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, LOGIN, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'

const SERIAL = 'serial command, echo hello'
const SSH = 'SSH command on a warm connection, true'
const SERIAL_TARGET = { ratioAtMost: 1.3 }
const SSH_TARGET = { ratioAtMost: 1 }
const SERIAL_TRIPS = 200
const SSH_TRIPS = 50

/** Commands on one booted board: both sides take turns on the same tty and SSH server, so that noise meets both. */
export const roundTrips: Part = {
  name: 'round-trips',
  async measure(options) {
    const missing = tinyMissing()
    if (missing !== undefined)
      return [unmeasured(SERIAL, 'ms', missing, SERIAL_TARGET), unmeasured(SSH, 'ms', missing, SSH_TARGET)]
    await using lab = new Lab()
    const { board, port } = await wireTinyBoard(lab)
    const power = await rawPower(board)
    try {
      return await measureOn(lab, board, port, options)
    } finally {
      await power.off(never())
    }
  },
}

async function measureOn(lab: Lab, board: Board, port: number, { runs, say }: BenchOptions): Promise<Row[]> {
  const reader = compileReader(lab)
  const noSsh = openSshMissing()
  await using master = new ControlMaster(lab, port)
  const hil = { serial: [] as number[], ssh: [] as number[] }
  const floor = { serial: [] as number[], ssh: [] as number[] }
  for (let run = 0; run < runs; run++) {
    say(`turn ${run + 1} of ${runs}`)
    await using live = await openLive(board)
    if (run === 0) await live.boot({ loginOnConsole: true }, never())
    else await live.adopt()
    hil.serial.push(...(await trips(live, { by: 'serial' }, ['echo', 'hello'], Math.ceil(SERIAL_TRIPS / runs))))
    hil.ssh.push(...(await trips(live, { by: 'ssh' }, ['true'], Math.ceil(SSH_TRIPS / runs))))
    if (noSsh === undefined) floor.ssh.push(...(await masterTrips(master, Math.ceil(SSH_TRIPS / runs))))
    await logOut(live)
    await live[Symbol.asyncDispose]()
    if (reader !== undefined) floor.serial.push(...(await readerTrips(lab, reader, Math.ceil(SERIAL_TRIPS / runs))))
  }
  const scripted = reader === undefined ? undefined : { name: 'C reader, typed line', values: floor.serial }
  const openSsh = noSsh === undefined ? { name: 'OpenSSH ControlMaster', values: floor.ssh } : undefined
  return [
    measured({ name: SERIAL, unit: 'ms', values: hil.serial, against: scripted, target: SERIAL_TARGET }),
    ...(scripted ? [] : [unmeasured('C reader: typed line', 'ms', NO_COMPILER)]),
    measured({ name: SSH, unit: 'ms', values: hil.ssh, against: openSsh, target: SSH_TARGET }),
    ...(noSsh === undefined ? [] : [unmeasured('OpenSSH ControlMaster, true', 'ms', noSsh)]),
  ]
}

async function openLive(board: Board): Promise<LiveBoard> {
  return LiveBoard.open(board, {
    clock: systemClock,
    log: silentLog,
    listener: {
      trusted: () => {},
      note: () => {},
      broken: fault => {
        throw fault
      },
    },
    // The other side goes on with the same boot.
    park: false,
    signal: never(),
  })
}

async function trips(live: LiveBoard, place: ShellPlace, argv: readonly string[], count: number): Promise<number[]> {
  // The first opens the shell.
  await live.run(place, argv, { limitMs: 30_000 })
  return await timed(count, async () => {
    const { exitCode } = await live.run(place, argv, { limitMs: 10_000 })
    if (exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${exitCode}`)
  })
}

async function masterTrips(master: ControlMaster, count: number): Promise<number[]> {
  await master.runTrue()
  return await timed(count, () => master.runTrue())
}

async function timed(count: number, work: () => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (let trip = 0; trip < count; trip++) {
    const start = performance.now()
    await work()
    took.push(performance.now() - start)
  }
  return took
}

/** Ends the shell on the console, and waits until somebody else may log in there. */
async function logOut(live: LiveBoard): Promise<void> {
  const console = live.console!
  const from = console.end()
  await console.write('exit\n')
  const late = (): Error => new Error('no login prompt after exit')
  await console.expect(/login: /, { from, limitMs: 10_000, late })
}

async function readerTrips(lab: Lab, reader: string, count: number): Promise<readonly number[]> {
  const words = [lab.tty(BOARD), LOGIN.user, LOGIN.password, String(count), 'again']
  return (await startScript([reader, ...words]).ended).trips
}
