import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { setInterval as every } from 'node:timers/promises'
import type { LiveBoard } from '../../../src/bench/live-board.ts'
import { openConsoles } from './boards.ts'

// Records every board of a bench file in a process of its own, until its input ends: so that its processor time and
// memory are those of recording. Says `ready`, then what it took as JSON: see `Took`.

/** What recording took. */
export interface Took {
  readonly ends: readonly number[]
  readonly cpuMs: number
  /** Resident memory, every 100 ms. */
  readonly rssMiB: readonly number[]
  /** What somebody saw who reads the first board far more slowly than it speaks. */
  readonly slow: { readonly bytes: number; readonly sha256: string }
}

const SAMPLE_MS = 100
const SLOW_BYTES = 1024
const MAX_BEHIND_BYTES = 512 << 20

const boards = await openConsoles(process.argv[2]!)
const over = new AbortController()
// Always searched, never found; as a test would while it waits.
for (const { console: port, recording } of boards) {
  const late = (): Error => new Error('late')
  const options = { from: recording.end, limitMs: 3_600_000, late, signal: over.signal }
  port!.expect(/RARE-MATCH-NEVER(\d{1,20}) /, options).catch(() => {})
}
const rssMiB: number[] = []
const sampling = sample(boards[0]!)
const before = process.cpuUsage()
process.stdout.write('ready\n')
process.stdin.resume()
await once(process.stdin, 'end')
// What the disk has not taken yet is part of the work.
await Promise.all(boards.map(async ({ recording }) => await recording.flush()))
const { user, system } = process.cpuUsage(before)
over.abort(new Error('over'))
const ends = boards.map(({ recording }) => recording.end)
const slow = await sampling
await Promise.all(boards.map(async board => await board[Symbol.asyncDispose]()))
const took: Took = { ends, cpuMs: (user + system) / 1000, rssMiB, slow }
process.stdout.write(JSON.stringify(took))

async function sample({ recording }: LiveBoard): Promise<Took['slow']> {
  const hash = createHash('sha256')
  let at = recording.end
  const begin = at
  for await (const _ of every(SAMPLE_MS)) {
    if (over.signal.aborted) break
    rssMiB.push(process.memoryUsage.rss() / 2 ** 20)
    // So far behind, it would be told that this is no longer kept.
    if (recording.end - at > MAX_BEHIND_BYTES) continue
    const part = recording.slice(at, at + SLOW_BYTES)
    hash.update(part)
    at += part.length
  }
  return { bytes: at - begin, sha256: hash.digest('hex') }
}
