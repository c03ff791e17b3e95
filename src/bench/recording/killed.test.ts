import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../base/time.ts'
import { soon, tempDir } from '../../drivers/test-kit.ts'
import { Recording } from '../recording.ts'
import { readRecording, type Heard, type Mark } from './reader.ts'
import { sizeOf } from './segment-files.ts'

const RECORDER = fileURLToPath(new URL('./test-kit.ts', import.meta.url))
const LOST_AT_MOST_MS = 100
const ROUNDS = 4

test('kill -9 loses at most the last 100 ms, and no offset is used twice', async t => {
  using dir = tempDir()
  const folder = join(dir.path, 'console')
  const used: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const witness = join(dir.path, `witness-${round}`)
    const child = spawn(process.execPath, [RECORDER, folder, witness])
    t.after(() => child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    // Not always at the same moment of a flush.
    while (sizeOf(witness) < 10_000) await systemClock.sleep(7, soon())
    child.kill('SIGKILL')
    assert.deepEqual(await ended, [null, 'SIGKILL'])
    used.push(readFileSync(witness, 'utf8'))
  }
  // Read by one who goes on: the last kill is over for him too.
  await using recording = new Recording({ folder, epoch: 9 }, systemClock, fault => assert.fail(fault))
  const heard: (Heard | Mark)[] = []
  await recording.flush()
  for await (const item of readRecording(folder, { start: 'oldest', clock: systemClock, signal: soon() }))
    if ('atMs' in item) heard.push(item)
  const kept = heard.filter(item => 'bytes' in item)

  for (const said of used) {
    const lines = said.trimEnd().split('\n')
    const last = timeIn(lines.at(-1)!)
    const missing = lines.filter(line => !textAt(kept, offsetIn(line)).startsWith(line))
    // All that is missing is the very end of what was said.
    assert.deepEqual(missing, missing.length > 0 ? lines.slice(-missing.length) : [])
    const lostMs = missing[0] === undefined ? 0 : last - timeIn(missing[0])
    assert.ok(lostMs <= LOST_AT_MOST_MS, `${lostMs} ms were lost`)
  }
  const offsets = used.flatMap(said => said.trimEnd().split('\n').map(offsetIn))
  for (const [n, offset] of offsets.entries()) assert.ok(n === 0 || offset > offsets[n - 1]!, `${offset} is used twice`)
  assert.ok(recording.begin > offsets.at(-1)!, 'nor is one that was never written')
  const gaps = heard.filter(item => 'gap' in item)
  assert.equal(gaps.length, ROUNDS, 'every kill is declared')
})

function timeIn(line: string): number {
  return Number(line.split(' ')[1])
}

function offsetIn(line: string): number {
  return Number(line.split(' ')[2])
}

/** What is recorded from an offset on, as far as the next 200 bytes. */
function textAt(kept: readonly Heard[], offset: number): string {
  const first = kept.findIndex(({ offset: at, bytes }) => at <= offset && offset < at + bytes.length)
  if (first < 0) return ''
  const parts = kept.slice(first, first + 100).map(({ bytes }) => bytes)
  return Buffer.concat(parts)
    .subarray(offset - kept[first]!.offset)
    .toString()
}
