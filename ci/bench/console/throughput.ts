import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/time.ts'
import { boardType } from '../../../src/bench/catalog.ts'
import { expectIn } from '../../../src/bench/expect.ts'
import { Recording } from '../../../src/bench/recording.ts'
import { recordingFolder, segmentsIn } from '../../../src/bench/recording/segment-files.ts'
import type { ExpectOptions } from '../../../src/controls/console.ts'
import serial from '../../../src/drivers/console/serial.ts'
import type { BoardType } from '../../../src/model/board-type.ts'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { NO_COMPILER } from '../lib/floor.ts'
import { Lab, pause } from '../lib/lab.ts'
import { never } from '../lib/raw-power.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { openConsoles, wireConsoles } from './boards.ts'
import { compileFeeder, startFeeder, type Feeder } from './feeder.ts'
import { peers, runPeer, type Peer } from './peers.ts'
import { sha256Of, writeText } from './text.ts'

const BYTES = 10 << 20
const NAME = '10 MiB heard, recorded and searched'
const AT_LEAST = { atLeast: 60 }
const RATIO = { ratioAtLeast: 1.3 }
/** What opening left behind is over by then, as in a program that has been listening for a while. */
const SETTLE_MS = 200
/** 100 MiB: what a line at 115200 baud says in two and a half hours. */
const WARM_UP = 10
const RARE_PATTERN = /RARE-MATCH-(\d{1,20}) /

/**
 * From the first byte said on a pty to the match of a pattern that comes last, beside others' readers, which record
 * nothing. Then the same on a whole board, which also looks for dying kernels and writes a run's copy.
 */
export const throughput: Part = {
  name: 'throughput',
  async measure({ runs, say }: BenchOptions): Promise<Row[]> {
    await using lab = new Lab()
    const feeder = compileFeeder(lab.folder)
    if (feeder === undefined) return [unmeasured(NAME, 'MB/s', NO_COMPILER, AT_LEAST)]
    const text = join(lab.folder, 'text')
    writeText(text, BYTES)
    const digest = sha256Of(text)
    const alone: number[] = []
    const board: number[] = []
    const others = peers().map(peer => ({ peer, values: [] as number[] }))
    // An agent lives long: what its just-in-time compiler does at first is not counted.
    for (let time = 0; time < WARM_UP; time++) await hilReads(lab, feeder, text, digest)
    await boardReads(feeder, text, digest)
    for (let run = 0; run < runs; run++) {
      say(`turn ${run + 1} of ${runs}`)
      alone.push(await hilReads(lab, feeder, text, digest))
      board.push(await boardReads(feeder, text, digest))
      // In turns, so that noise of this host meets all of them.
      for (const { peer, values } of others)
        if (peer.missing === undefined) values.push(await peerReads(peer, feeder, text))
    }
    const beside = others.map(({ peer, values }, n) => {
      const target = n === 0 && { target: RATIO }
      if (peer.missing !== undefined)
        return unmeasured(`${NAME}, beside ${peer.name}`, 'MB/s', peer.missing, n === 0 ? RATIO : null)
      return measured({ name: NAME, unit: 'MB/s', values: alone, against: { name: peer.name, values }, ...target })
    })
    return [
      measured({ name: `${NAME}, SHA-256 equal`, unit: 'MB/s', values: alone, target: AT_LEAST }),
      ...beside,
      measured({ name: 'the same on a whole board', unit: 'MB/s', values: board }),
    ]
  },
}

/** The driver, the recording on the disk and a search, as a board uses them. */
async function hilReads(lab: Lab, program: string, text: string, digest: string): Promise<number> {
  await using feeder = await startFeeder(program, ['blast', text])
  const folder = mkdtempSync(join(lab.folder, 'console-'))
  await using recording = new Recording({ folder, epoch: 1 }, systemClock, fault => console.error(fault))
  const context = { board: 'board-0', type: await nuc(), stateDir: folder, clock: systemClock, log: silentLog }
  const driver = await serial.open(serial.options.parse({ path: feeder.ttys[0] }), context)
  const sink = {
    data: (chunk: Uint8Array) => recording.append(chunk),
    room: () => recording.room(),
    lost: console.error,
    back: () => {},
    robbed: console.error,
  }
  await using _line = await driver.open(sink, never())
  const ns = await timed(feeder, expectIn(recording, RARE_PATTERN, limits(recording.end)))
  await recording.flush()
  mustBe(digest, filesIn(folder))
  return perSecond(ns)
}

async function boardReads(program: string, text: string, digest: string): Promise<number> {
  await using lab = new Lab()
  await using feeder = await startFeeder(program, ['blast', text])
  wireConsoles(lab, feeder.ttys)
  const copy = join(lab.folder, 'console.log')
  const [live] = await openConsoles(lab.benchFile, () => copy)
  const ns = await timed(feeder, live!.console!.expect(RARE_PATTERN, limits(live!.recording.end)))
  const { stateDir } = live!.board
  await live![Symbol.asyncDispose]()
  mustBe(digest, filesIn(recordingFolder(stateDir)))
  mustBe(digest, [copy])
  return perSecond(ns)
}

async function timed(feeder: Feeder, found: Promise<unknown>): Promise<bigint> {
  await pause(SETTLE_MS)
  const startedNs = feeder.start()
  return found.then(() => process.hrtime.bigint() - startedNs)
}

function limits(from: number): ExpectOptions {
  return { from, limitMs: 120_000, late: () => new Error('no match in time') }
}

function filesIn(folder: string): string[] {
  return segmentsIn(folder).map(({ dataPath }) => dataPath)
}

function mustBe(digest: string, files: readonly string[]): void {
  if (sha256Of(...files) !== digest) throw new Error('what was recorded is not what was said')
}

async function nuc(): Promise<BoardType> {
  return (await boardType('nuc'))!
}

async function peerReads(peer: Peer, program: string, text: string): Promise<number> {
  await using feeder = await startFeeder(program, ['blast', text])
  let startedNs = 0n
  const out = await runPeer(peer, [feeder.ttys[0]!, 'rare'], () => {
    void pause(SETTLE_MS).then(() => (startedNs = feeder.start()))
  })
  const matched = /^matched (\d+)$/m.exec(out)
  if (!matched) throw new Error(`${peer.name} found nothing`)
  return perSecond(BigInt(matched[1]!) - startedNs)
}

function perSecond(ns: bigint): number {
  return (BYTES / Number(ns)) * 1000
}
