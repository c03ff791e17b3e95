// Calls agents that vanish, and must then end by itself: the other process of client.test.ts.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer } from 'ws'
import { connect } from './client.ts'

const TIMES = 200
const folder = mkdtempSync(join(tmpdir(), 'hil-'))
let lost = 0
for (let n = 0; n < TIMES; n++) {
  const socketPath = join(folder, `${n}.sock`)
  const http = createServer()
  const wss = new WebSocketServer({ server: http })
  // At another moment of the conversation each time.
  const vanish = (): void => {
    for (const client of wss.clients) client.terminate()
    wss.close()
    http.close()
  }
  wss.on('connection', () => setTimeout(vanish, 2 + (n % 40) / 10))
  await new Promise<void>(resolve => http.listen(socketPath, resolve))
  const gone = new AbortController()
  const client = connect(socketPath, () => {
    gone.abort()
    queueMicrotask(() => client[Symbol.dispose]())
  })
  while (!gone.signal.aborted) {
    client.api.consoleWatch.query({ board: 'nuc-1', waitMs: 0 }).catch(() => undefined)
    await new Promise(resolve => (n % 2 === 0 ? setImmediate(resolve) : setTimeout(resolve, 0)))
  }
  lost++
}
rmSync(folder, { recursive: true })
process.send?.({ lost }, () => process.disconnect())
