import { collect } from '../lib/collect.ts'
import type { Told } from './load.ts'
import { openLocker, type Place } from './locker.ts'
import type { Row } from './seen.ts'

// Clients of a lease book in a process of their own, each with a connection of its own: take a board, give it back, again and
// again. Told how many, which boards, for how long, how long each thinks in between and for how long it has a board. Says `ready`,
// then at each `go` what it saw as rows, one behind the other, and at each `collect` that nothing is left of what was before. First
// of all they do so for a while that is not counted: what a new process takes longer for is not the lease book's.

/**
 * So many pairs until V8 has compiled what a client does: most of it all at once after some 9000, as a thread of its own on the
 * clients' processor, for 150 ms in which their calls take four times as long.
 */
const WARM_PAIRS = 20_000
const WARM_LIMIT_MS = 60_000
/** More pairs than this are not seen in one load. */
const ROOM = 1 << 20

const [place, first, count, boards, forMs, thinkMs, heldMs] = process.argv.slice(2)
const names = boards!.split(',')
const now = (): number => Number(process.hrtime.bigint())
/** In room made before: an object for each would be collected while others wait. */
const rows = new Float64Array(5 * ROOM)
let seen = 0
/** For how long each has a board: while they get warm, for no longer than it takes to give it back. */
let hadMs = 0

/** Takes a board and gives it back, for one more client. */
async function client(n: number): Promise<() => Promise<void>> {
  const locker = await openLocker(JSON.parse(place!) as Place, `user ${n}`)
  const board = names[n % names.length]!
  return async () => {
    const startMs = performance.now()
    const epoch = await locker.take(board)
    const from = now()
    const waitMs = performance.now() - startMs
    if (hadMs > 0) await sleep(hadMs)
    const to = now()
    await locker.giveBack()
    if (seen === ROOM) throw new Error(`more than ${ROOM} pairs`)
    rows.set([waitMs, n % names.length, epoch, from, to] satisfies Row, 5 * seen++)
  }
}

async function warm(pair: () => Promise<void>, untilMs: number): Promise<void> {
  while (!isWarm() && performance.now() < untilMs) await pair()
}

function isWarm(): boolean {
  return seen >= WARM_PAIRS
}

async function measure(pair: () => Promise<void>): Promise<void> {
  const until = performance.now() + Number(forMs)
  // Those who think do not begin all at once.
  if (Number(thinkMs) > 0) await think(Math.random())
  while (performance.now() < until) {
    await pair()
    if (Number(thinkMs) > 0) await think(0.5 + Math.random())
  }
}

function think(share: number): Promise<void> {
  return sleep(Number(thinkMs) * share)
}

function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

const clients = await Promise.all(Array.from({ length: Number(count) }, (_, n) => client(Number(first) + n)))
const untilMs = performance.now() + WARM_LIMIT_MS
await Promise.all(clients.map(pair => warm(pair, untilMs)))
hadMs = Number(heldMs)
if (!isWarm()) process.stderr.write(`    clients that are not warm yet: ${seen} of ${WARM_PAIRS} pairs in a minute\n`)
process.once('disconnect', () => process.exit())
process.on('message', (told: Told) => {
  if (told === 'collect') {
    // What the runs before left took 29 ms to collect, once in eight of them.
    collect()
    process.send!('collected')
    return
  }
  seen = 0
  void Promise.all(clients.map(measure)).then(() => process.send!(rows.slice(0, 5 * seen)))
})
process.send!('ready')
