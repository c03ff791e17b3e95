import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { answered, connect } from '../../../src/agent/client.ts'

// Watches a board's console through its agent's socket, as a person with a slow terminal does, far more slowly than it
// speaks: `slow-reader.ts SOCKET BOARD`. Says `ready` once it looked, and what it saw, as JSON, when its input ends.

/** What a watcher of a console was given at once. */
export interface Piece {
  readonly from: number
  readonly to: number
  /** In front of it, because the watcher was too slow. */
  readonly skippedBytes: number
  readonly sha256: string
}

const PAUSE_MS = 800
const MAX_WAIT_MS = 200

const [, , socketPath, board] = process.argv
using client = connect(socketPath!)
const over = new AbortController()
process.stdin.once('end', () => over.abort()).resume()
const seen: Piece[] = []
for (let known: { from: number; key: string } | undefined; !over.signal.aborted; await pause(PAUSE_MS)) {
  const asked = { board: board!, lastLines: 0, waitMs: MAX_WAIT_MS, ...known }
  const { from, to, skippedBytes, base64, key } = await answered(client.api.consoleWatch.query(asked))
  const sha256 = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex')
  if (!known) process.stdout.write('ready\n')
  if (to > from) seen.push({ from, to, skippedBytes, sha256 })
  known = { from: to, key }
}
process.stdout.write(JSON.stringify(seen))
