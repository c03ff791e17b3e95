import type { LiveBoard } from '../../../src/bench/live-board.ts'
import type { ShellPlace } from '../../../src/bench/live-board-options.ts'
import type { Board } from '../../../src/bench/load.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { compileReader, NO_COMPILER, startScript } from '../lib/floor.ts'
import { Lab } from '../lib/lab.ts'
import { logOut, openLive } from '../lib/live-board.ts'
import { ControlMaster, openSshMissing } from '../lib/open-ssh.ts'
import { never, rawPower } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { BOARD, LOGIN, tinyMissing, wireTinyBoard } from '../lib/tiny-board.ts'

/** Lines whose answers travel alike on a serial console; a row of them is judged by the median of all. */
interface Class {
  readonly name: string
  readonly lines: readonly string[]
  /** So often in all, the whole class through each time. */
  readonly trips: number
  readonly target: { readonly ratioAtMost: number }
  /** How many of its lines have a row of their own. */
  readonly shown: number
}

const CLASSES: readonly Class[] = [
  {
    name: 'serial command, ten everyday ones',
    // What people type all day.
    lines: [
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
    ],
    trips: 400,
    target: { ratioAtMost: 1.3 },
    shown: 1,
  },
  {
    name: 'serial command, short text',
    // A line or two of plain text: the answer travels as it is.
    lines: ['uname -a', 'cat /proc/loadavg', 'pwd', 'cat /proc/version', 'date'],
    trips: 200,
    target: { ratioAtMost: 1.35 },
    shown: 5,
  },
  {
    name: 'serial command, anything else',
    // Binary output, standard error, both outputs, and 9 KB: the answer travels in a code, or in many frames.
    lines: ['head -c 256 /bin/sh', 'ls /none', 'cat /etc /etc/hostname', 'seq 1 2000', 'head -c 9000 /bin/sh'],
    trips: 100,
    target: { ratioAtMost: 2.6 },
    shown: 5,
  },
]
const SSH = 'SSH command on a warm connection, true'
const SSH_TARGET = { ratioAtMost: 1 }
const SSH_TRIPS = 50

/** Commands on one booted board: both sides take turns on the same tty and SSH server, so that noise meets both. */
export const roundTrips: Part = {
  name: 'round-trips',
  async measure(options) {
    const missing = tinyMissing()
    if (missing !== undefined)
      return [
        ...CLASSES.map(({ name, target }) => unmeasured(name, 'ms', missing, target)),
        unmeasured(SSH, 'ms', missing, SSH_TARGET),
      ]
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
  const hil = { serial: CLASSES.map(() => [] as number[]), ssh: [] as number[] }
  const floor = { serial: CLASSES.map(() => [] as number[]), ssh: [] as number[] }
  for (let run = 0; run < runs; run++) {
    say(`turn ${run + 1} of ${runs}`)
    await using live = await openLive(board)
    if (run === 0) await live.boot({ loginOnConsole: true }, never())
    else await live.adopt()
    for (const [n, kind] of CLASSES.entries())
      hil.serial[n]!.push(...(await trips(live, { by: 'serial' }, kind.lines, tripsOf(kind, runs))))
    hil.ssh.push(...(await trips(live, { by: 'ssh' }, ['true'], Math.ceil(SSH_TRIPS / runs))))
    if (noSsh === undefined) floor.ssh.push(...(await masterTrips(master, Math.ceil(SSH_TRIPS / runs))))
    await logOut(live)
    await live[Symbol.asyncDispose]()
    if (reader === undefined) continue
    for (const [n, kind] of CLASSES.entries())
      floor.serial[n]!.push(...(await readerTrips(lab, reader, kind.lines, tripsOf(kind, runs))))
  }
  const scripted = (values: readonly number[]) =>
    reader === undefined ? undefined : { name: 'C reader, typed line', values }
  const openSsh = noSsh === undefined ? { name: 'OpenSSH ControlMaster', values: floor.ssh } : undefined
  return [
    ...CLASSES.flatMap(({ name, lines, target, shown }, n) => {
      const [ours, theirs] = [hil.serial[n]!, floor.serial[n]!]
      return [
        measured({ name, unit: 'ms', values: ours, against: scripted(theirs), target }),
        ...lines.slice(0, shown).map((line, at) =>
          measured({
            name: `of these: ${line}`,
            unit: 'ms',
            values: eachOf(ours, at, lines),
            against: scripted(eachOf(theirs, at, lines)),
          }),
        ),
      ]
    }),
    ...(reader === undefined ? [unmeasured('C reader: typed line', 'ms', NO_COMPILER)] : []),
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
function tripsOf({ lines, trips }: Class, runs: number): number {
  return Math.ceil(trips / runs / lines.length) * lines.length
}

/** The trips of one line of those that took turns. */
function eachOf(trips: readonly number[], at: number, lines: readonly string[]): number[] {
  return trips.filter((_, n) => n % lines.length === at)
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

async function readerTrips(
  lab: Lab,
  reader: string,
  lines: readonly string[],
  count: number,
): Promise<readonly number[]> {
  const words = [lab.tty(BOARD), LOGIN.user, LOGIN.password, String(count), 'again', ...lines]
  return (await startScript([reader, ...words]).ended).trips
}
