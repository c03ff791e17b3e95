import { openLocker, type Place } from './locker.ts'

// Clients of a lease book in a process of their own, each with a connection of its own: take a board, give it back, again and
// again. Told how many, which boards, for how long, and how long each thinks in between; says what it saw as JSON. Before that
// each does so for a while that is not counted: what a new process takes longer for is not the lease book's.

/** What one pair of calls took, and what it was given. */
export interface Pairs {
  /** Milliseconds from asking to having. */
  readonly waitsMs: number[]
  /** When each board was had, on this host's monotonic clock: [board, epoch, fromNs, toNs]. */
  readonly had: [string, number, number, number][]
}

/**
 * So many pairs until V8 has compiled what a client does: most of it all at once after some 9000, as a thread of its own on the
 * clients' processor, for 150 ms in which their calls take four times as long.
 */
const WARM_PAIRS = 20_000
const WARM_LIMIT_MS = 8000
/** More pairs than this are not seen in one load. */
const ROOM = 1 << 20

const [place, first, count, boards, forMs, thinkMs] = process.argv.slice(2)
const names = boards!.split(',')
const now = (): number => Number(process.hrtime.bigint())
/** A row a pair: wait, board, epoch, from, to. In room made before: an object each would be collected while others wait. */
const rows = new Float64Array(5 * ROOM)
let seen = 0

const isWarm = (): boolean => seen >= WARM_PAIRS

async function client(n: number): Promise<void> {
  const locker = await openLocker(JSON.parse(place!) as Place, `user ${n}`)
  const board = names[n % names.length]!
  const pair = async (): Promise<void> => {
    const startMs = performance.now()
    const epoch = await locker.take(board)
    const from = now()
    const waitMs = performance.now() - startMs
    const to = now()
    await locker.giveBack()
    if (seen === ROOM) throw new Error(`more than ${ROOM} pairs`)
    rows.set([waitMs, n % names.length, epoch, from, to], 5 * seen++)
  }
  for (const until = performance.now() + WARM_LIMIT_MS; !isWarm() && performance.now() < until;) await pair()
  ready++
  await go.promise
  const until = performance.now() + Number(forMs)
  // Those who think do not begin all at once.
  if (Number(thinkMs) > 0) await think(Math.random())
  while (performance.now() < until) {
    await pair()
    if (Number(thinkMs) > 0) await think(0.5 + Math.random())
  }
  locker.close()
}

function think(share: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Number(thinkMs) * share))
}

let ready = 0
const go = Promise.withResolvers<void>()
process.once('message', () => go.resolve())
const clients = Array.from({ length: Number(count) }, (_, n) => client(Number(first) + n))
while (ready < Number(count)) await new Promise(resolve => setTimeout(resolve, 5))
seen = 0
process.send!('ready')
await Promise.all(clients)
const pairs = Array.from({ length: seen }, (_, row) => rows.subarray(5 * row, 5 * row + 5))
const waitsMs = pairs.map(([waitMs]) => waitMs!)
const had = pairs.map(([, board, epoch, from, to]) => [names[board!]!, epoch!, from!, to!] satisfies Pairs['had'][0])
process.send!({ waitsMs, had } satisfies Pairs, () => process.disconnect())
