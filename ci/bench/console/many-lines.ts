import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { NO_COMPILER } from '../lib/floor.ts'
import { Lab, pause } from '../lib/lab.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { wireConsoles } from './boards.ts'
import { compileFeeder, startFeeder } from './feeder.ts'
import { filesOf, startRecorder } from './record.ts'
import { SlowDisk, slowDiskMissing } from './slow-disk.ts'
import { assertSaid, sha256Of, writeText } from './text.ts'

const LINES = 32
const BAUD = 921_600
/** One start bit, eight of data, one stop bit. */
const BYTES_PER_S = BAUD / 10
const SECONDS = 20
const LOST = `bytes lost of ${LINES} lines at ${BAUD} baud, a slow disk, a slow reader`
const CORES = 'processor cores that recording and searching them takes'
const NONE = { atMost: 0 }
const HALF = { atMost: 0.5 }

/** Many busy lines in one process whose disk is slow: everything is recorded, and the host has time for other things. */
export const manyLines: Part = {
  name: 'many-lines',
  async measure({ runs, say }: BenchOptions): Promise<Row[]> {
    const missing = slowDiskMissing()
    if (missing !== undefined)
      return [unmeasured(LOST, 'bytes', missing, NONE), unmeasured(CORES, 'cores', missing, HALF)]
    const lost: number[] = []
    const cores: number[] = []
    const behind: number[] = []
    for (let run = 0; run < runs; run++) {
      say(`turn ${run + 1} of ${runs}`)
      const figures = await once()
      if (!figures) return [unmeasured(LOST, 'bytes', NO_COMPILER, NONE)]
      lost.push(figures.lostBytes)
      cores.push(figures.cores)
      behind.push(figures.behindMs)
    }
    return [
      measured({ name: LOST, unit: 'bytes', values: lost, target: NONE }),
      measured({ name: CORES, unit: 'cores', values: cores, target: HALF }),
      measured({ name: 'until the slow disk has the last of it', unit: 'ms', values: behind }),
    ]
  },
}

async function once(): Promise<{ lostBytes: number; cores: number; behindMs: number } | undefined> {
  await using lab = new Lab()
  const program = compileFeeder(lab.folder)
  if (program === undefined) return undefined
  const text = join(lab.folder, 'text')
  writeText(text, BYTES_PER_S * SECONDS)
  using disk = new SlowDisk(lab.folder)
  await using feeder = await startFeeder(program, ['pace', text, String(LINES), String(BYTES_PER_S)], LINES)
  wireConsoles(lab, feeder.ttys, BAUD)
  await using recorder = await startRecorder(lab, disk.folder)
  disk.slowDown(recorder.pid)
  const startedMs = performance.now()
  feeder.start()
  const dropped = Number((await feeder.said).replace('dropped ', ''))
  // A moment, until the last bytes are through the ptys.
  await pause(200)
  const saidMs = performance.now()
  const took = await recorder.end()
  const behindMs = performance.now() - saidMs
  const expected = sha256Of(text)
  let lostBytes = dropped
  for (let n = 0; n < LINES; n++) {
    const files = filesOf(disk.folder, lab, `board-${n}`)
    const size = files.reduce((sum, path) => sum + statSync(path).size, 0)
    lostBytes += statSync(text).size - size
    if (lostBytes === 0 && sha256Of(...files) !== expected) throw new Error(`board-${n}: not what was said`)
  }
  if (lostBytes === 0) assertSaid(text, took.slow)
  return { lostBytes, cores: took.cpuMs / (saidMs - startedMs), behindMs }
}
