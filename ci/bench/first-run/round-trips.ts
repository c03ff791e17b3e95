import type { LiveBoard, ShellPlace } from '../../../src/bench/live-board.ts'
import type { Board } from '../../../src/bench/load.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { compileReader, NO_COMPILER, startScript } from '../lib/floor.ts'
import { Lab } from '../lib/lab.ts'
import { logOut, openLive } from '../lib/live-board.ts'
import { ControlMaster, openSshMissing } from '../lib/open-ssh.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, LOGIN, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'

/** What people type all day; the floor's reader.c runs the same in the same order. */
const EVERYDAY = [
  'echo hello',
  'true',
  'uname -r',
  'id -u',
  'cat /proc/uptime',
  'ls /',
  'hostname',
  'test -d /proc',
  'cat /etc/passwd',
  'false',
]
const SERIAL = 'serial command, ten everyday ones'
const SERIAL_ECHO = 'of these: echo hello, a shell builtin'
const SSH = 'SSH command on a warm connection, true'
const SERIAL_TARGET = { ratioAtMost: 1.3 }
const SSH_TARGET = { ratioAtMost: 1 }
const SERIAL_TRIPS = 400
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
    hil.serial.push(...(await trips(live, { by: 'serial' }, EVERYDAY, serialTrips(runs))))
    hil.ssh.push(...(await trips(live, { by: 'ssh' }, ['true'], Math.ceil(SSH_TRIPS / runs))))
    if (noSsh === undefined) floor.ssh.push(...(await masterTrips(master, Math.ceil(SSH_TRIPS / runs))))
    await logOut(live)
    await live[Symbol.asyncDispose]()
    if (reader !== undefined) floor.serial.push(...(await readerTrips(lab, reader, serialTrips(runs))))
  }
  const scripted = reader === undefined ? undefined : { name: 'C reader, typed line', values: floor.serial }
  const openSsh = noSsh === undefined ? { name: 'OpenSSH ControlMaster', values: floor.ssh } : undefined
  return [
    measured({ name: SERIAL, unit: 'ms', values: hil.serial, against: scripted, target: SERIAL_TARGET }),
    measured({
      name: SERIAL_ECHO,
      unit: 'ms',
      values: everyTenth(hil.serial),
      against: scripted && { ...scripted, values: everyTenth(scripted.values) },
    }),
    ...(scripted ? [] : [unmeasured('C reader: typed line', 'ms', NO_COMPILER)]),
    measured({ name: SSH, unit: 'ms', values: hil.ssh, against: openSsh, target: SSH_TARGET }),
    ...(noSsh === undefined ? [] : [unmeasured('OpenSSH ControlMaster, true', 'ms', noSsh)]),
  ]
}

async function trips(live: LiveBoard, place: ShellPlace, lines: readonly string[], count: number): Promise<number[]> {
  const run = (n: number): Promise<unknown> => live.run(place, lines[n % lines.length]!.split(' '), { limitMs: 30_000 })
  // The first opens the shell.
  await run(0)
  return await timed(count, run)
}

/** A whole number of times through all of them. */
function serialTrips(runs: number): number {
  return Math.ceil(SERIAL_TRIPS / runs / EVERYDAY.length) * EVERYDAY.length
}

function everyTenth(trips: readonly number[]): number[] {
  return trips.filter((_, n) => n % EVERYDAY.length === 0)
}

async function masterTrips(master: ControlMaster, count: number): Promise<number[]> {
  await master.runTrue()
  return await timed(count, () => master.runTrue())
}

async function timed(count: number, work: (trip: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = []
  for (let trip = 0; trip < count; trip++) {
    const start = performance.now()
    await work(trip)
    took.push(performance.now() - start)
  }
  return took
}

async function readerTrips(lab: Lab, reader: string, count: number): Promise<readonly number[]> {
  const words = [lab.tty(BOARD), LOGIN.user, LOGIN.password, String(count), 'again']
  return (await startScript([reader, ...words]).ended).trips
}
