import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { serve } from '../../../src/agent/serve.ts'
import { leaseConsoles } from './boards.ts'
import type { Piece } from './slow-reader.ts'

// Records every board of a bench file in a process of its own, until its input ends: so that its processor time and
// memory are those of recording. Says `ready`, then what it took as JSON: see `Took`.

/** What recording took. */
export interface Took {
  readonly ends: readonly number[]
  readonly cpuMs: number
  /** Resident memory, every 100 ms. */
  readonly rssMiB: readonly number[]
  /** What somebody saw who watches the first board far more slowly than it speaks: see `slow-reader.ts`. */
  readonly slow: readonly Piece[]
}

const SAMPLE_MS = 100

const { agent, leases } = await leaseConsoles(process.argv[2]!)
const boards = leases.map(({ live }) => live)
const served = await serve(agent)
const over = new AbortController()
// Always searched, never found; as a test would while it waits.
for (const { console: port, recording } of boards) {
  const late = (): Error => new Error('late')
  const options = { from: recording.end, limitMs: 3_600_000, late, signal: over.signal }
  port!.expect(/RARE-MATCH-NEVER(\d{1,20}) /, options).catch(() => {})
}
const reader = spawn(
  process.execPath,
  [join(import.meta.dirname, 'slow-reader.ts'), served.socketPath, leases[0]!.board.name],
  { stdio: ['pipe', 'pipe', 'inherit'] },
)
await once(reader.stdout, 'data')
const watched = text(reader.stdout)
const rssMiB: number[] = []
const sampling = setInterval(() => rssMiB.push(process.memoryUsage.rss() / 2 ** 20), SAMPLE_MS)
const before = process.cpuUsage()
process.stdout.write('ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
// What the disk has not taken yet is part of the work.
await Promise.all(boards.map(async ({ recording }) => await recording.flush()))
const { user, system } = process.cpuUsage(before)
over.abort(new Error('over'))
const ends = boards.map(({ recording }) => recording.end)
clearInterval(sampling)
reader.stdin.end()
const slow = JSON.parse(await watched) as Piece[]
await served[Symbol.asyncDispose]()
await Promise.all(leases.map(async lease => await lease[Symbol.asyncDispose]()))
const took: Took = { ends, cpuMs: (user + system) / 1000, rssMiB, slow }
process.stdout.write(JSON.stringify(took))
