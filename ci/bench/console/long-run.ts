import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { BenchOptions, Part } from '../lib/bench.ts'
import { NO_COMPILER } from '../lib/floor.ts'
import { Lab } from '../lib/lab.ts'
import { measured, unmeasured, type Row } from '../lib/row.ts'
import { wireConsoles } from './boards.ts'
import { compileFeeder, startFeeder } from './feeder.ts'
import { median } from '../lib/stats.ts'
import { filesOf, startRecorder } from './record.ts'
import { assertSaid, sha256Of, writeText } from './text.ts'

const TEXT_BYTES = 64 << 20
const TIMES = 32
const NAME = 'memory gained from the third to the last quarter of 2 GiB of console'
const FLAT = { atMost: 16 }
/** Node.js, the newest 8 MiB, and twice 64 MiB for a disk that does not keep up with a pty. */
const BOUND = { atMost: 384 }

/** More console than is kept, in one go: memory stays flat, the disk bounded, and what is kept is what was said. */
export const longRun: Part = {
  name: 'long-run',
  async measure({ say }: BenchOptions): Promise<Row[]> {
    await using lab = new Lab()
    const program = compileFeeder(lab.folder)
    if (program === undefined) return [unmeasured(NAME, 'MiB', NO_COMPILER, FLAT)]
    const text = join(lab.folder, 'text')
    writeText(text, TEXT_BYTES)
    const stateDir = join(lab.folder, 's')
    await using feeder = await startFeeder(program, ['blast', text, String(TIMES)])
    wireConsoles(lab, feeder.ttys)
    await using recorder = await startRecorder(lab, stateDir)
    say('once, it takes a while')
    feeder.start()
    await feeder.said
    const { ends, rssMiB, slow } = await recorder.end()
    if (ends[0] !== TEXT_BYTES * TIMES) throw new Error(`${ends[0]} bytes arrived of ${TEXT_BYTES * TIMES}`)
    const files = filesOf(stateDir, lab, 'board-0')
    const begin = Number.parseInt(basename(files[0]!), 10)
    const said = createHash('sha256').update(readFileSync(text).subarray(begin % TEXT_BYTES))
    for (let n = Math.floor(begin / TEXT_BYTES) + 1; n < TIMES; n++) said.update(readFileSync(text))
    if (sha256Of(...files) !== said.digest('hex')) throw new Error('what is kept is not what was said')
    assertSaid(text, slow)
    const quarter = Math.ceil(rssMiB.length / 4)
    // What waits for the disk comes and goes; what would leak stays.
    const gained = median(rssMiB.slice(-quarter)) - median(rssMiB.slice(-2 * quarter, -quarter))
    return [
      measured({ name: NAME, unit: 'MiB', values: [Math.max(0, gained)], target: FLAT }),
      measured({
        name: 'most memory it took, Node.js itself included',
        unit: 'MiB',
        values: [Math.max(...rssMiB)],
        target: BOUND,
      }),
      measured({ name: 'of it kept on the disk', unit: 'MiB', values: [(ends[0] - begin) / 2 ** 20] }),
    ]
  },
}
