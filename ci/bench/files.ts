import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/time.ts'
import { expectIn } from '../../src/bench/expect.ts'
import { getFile } from '../../src/bench/files/get.ts'
import { putFile } from '../../src/bench/files/put.ts'
import { Recording } from '../../src/bench/recording.ts'
import { SerialShell } from '../../src/bench/serial-shell/serial-shell.ts'
import { terminalOf } from '../../src/bench/serial-shell/test-kit.ts'
import type { Bench } from './lib/bench.ts'
import { PacedLine } from './lib/paced-line.ts'
import { measured, type Row, type Target } from './lib/row.ts'

const SIZE_BYTES = 100_000
const LIMIT_MS = 600_000

/** Random bytes, as a compressed file is: nothing in them can be saved. */
export default {
  title: 'files: copies over a serial console, as a share of the bytes the line could carry',
  parts: [at(115_200, { atLeast: 0.5 }), at(460_800)],
} satisfies Bench

function at(baud: number, target?: Target): Bench['parts'][number] {
  return {
    name: String(baud),
    measure: async ({ runs, say }) => {
      const shares = { put: [] as number[], get: [] as number[] }
      for (let run = 1; run <= runs; run++) {
        say(`run ${run} of ${runs}`)
        const { putMs, getMs } = await copied(baud)
        const idealMs = (SIZE_BYTES * 10_000) / baud
        shares.put.push(idealMs / putMs)
        shares.get.push(idealMs / getMs)
      }
      const row = (way: 'put' | 'get'): Row =>
        measured({ name: `${way} at ${baud} baud`, unit: 'share', values: shares[way], ...(target && { target }) })
      return [row('put'), row('get')]
    },
  }
}

/** A file sent to a shell on a terminal behind a line of some rate, and fetched again. */
async function copied(baud: number): Promise<{ putMs: number; getMs: number }> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hil-bench-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const terminal = stack.use(terminalOf('dash -i'))
  const recording = stack.use(
    new Recording(undefined, systemClock, fault => {
      throw fault
    }),
  )
  const inbound = stack.use(new PacedLine(baud, bytes => recording.append(bytes)))
  const outbound = stack.use(new PacedLine(baud, bytes => void terminal.port.write(bytes)))
  stack.use(terminal.recording.follow(bytes => void inbound.send(bytes)))
  const signal = AbortSignal.timeout(LIMIT_MS)
  const port = {
    end: () => recording.end,
    slice: recording.slice.bind(recording),
    clock: systemClock,
    expect: (pattern: RegExp, options: Parameters<typeof expectIn>[2]) => expectIn(recording, pattern, options),
    write: (text: string | Uint8Array) => outbound.send(Buffer.from(text)),
  }
  const shell = stack.use(await SerialShell.start(port, recording, signal))
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('from'), randomBytes(SIZE_BYTES))
  const startedMs = performance.now()
  await putFile(shell, at('from'), at('to'), { signal })
  const betweenMs = performance.now()
  await getFile(shell, at('to'), at('back'), { signal })
  return { putMs: betweenMs - startedMs, getMs: performance.now() - betweenMs }
}
