import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { expectIn } from './expect.ts'
import { Recording } from './recording.ts'

const never = (): never => assert.fail('no fault expected')
const late = (): Error => new Error('late')

test('what was appended is read back at its offsets, from memory and from disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-recording-'))
  const path = join(folder, 'console.log')
  const chunk = Buffer.alloc(1 << 20)
  {
    using recording = new Recording(path, systemClock, never)
    for (let n = 0; n < 12; n++) recording.append(chunk.fill(n))
    assert.equal(recording.end, 12 << 20)
    // The first MiB is no longer in memory.
    assert.deepEqual(recording.slice(0, 3), Buffer.from([0, 0, 0]))
    assert.deepEqual(recording.slice((11 << 20) - 1, (11 << 20) + 1), Buffer.from([10, 11]))
    assert.equal(recording.slice(5 << 20, 7 << 20).length, 2 << 20)
  }
  assert.equal(readFileSync(path).length, 12 << 20)
  rmSync(folder, { recursive: true })
})

test('the index beside it names every chunk and every gap', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-recording-'))
  const path = join(folder, 'console.log')
  {
    using recording = new Recording(path, { ...systemClock, nowMs: () => 1000 }, never)
    recording.append(Buffer.from('abc'))
    recording.gap('unplugged')
    recording.append(Buffer.from('d'))
    assert.equal(recording.gapSince(3), 'unplugged')
    assert.equal(recording.gapSince(4), undefined)
  }
  const lines = readFileSync(`${path}.idx`, 'utf8').trim().split('\n')
  assert.deepEqual(
    lines.map(line => JSON.parse(line) as unknown),
    [[0, 1000], { gap: 'unplugged', offset: 3, atMs: 1000 }, [3, 1000]],
  )
  rmSync(folder, { recursive: true })
})

test('a disk that takes no more is told once, and the memory goes on', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-recording-'))
  const path = join(folder, 'console.log')
  symlinkSync('/dev/full', path)
  const faults: Fault[] = []
  using recording = new Recording(path, systemClock, fault => faults.push(fault))
  for (let n = 0; n < 3; n++) {
    recording.append(Buffer.from('line\n'))
    recording.flush()
  }
  assert.deepEqual(
    faults.map(fault => fault.code),
    ['infrastructure/disk-full'],
  )
  assert.equal(recording.slice(0).toString(), 'line\nline\nline\n')
  rmSync(folder, { recursive: true })
})

test('a transcript chopped at any places gives the same match', async () => {
  const transcript = 'U-Boot 2023.01\r\naddr 10.0.2.15\r\nghaf-host login: \u001b[0maddr 9\r\n'
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(transcript.length), { maxLength: 12 }), async cuts => {
      using recording = new Recording(undefined, systemClock, never)
      const found = expectIn(recording, /addr ([\d.]+)\r\n/, { from: 0, limitMs: 5000, late })
      let at = 0
      for (const cut of [...cuts.sort((a, b) => a - b), transcript.length]) {
        recording.append(Buffer.from(transcript.slice(at, cut)))
        at = cut
      }
      assert.deepEqual((await found).groups, ['10.0.2.15'])
      assert.equal((await found).from, transcript.indexOf('addr'))
    }),
  )
})

test('every single cut of a transcript gives the same match', async () => {
  const transcript = 'noise ghaf-host login: more'
  for (let cut = 0; cut <= transcript.length; cut++) {
    using recording = new Recording(undefined, systemClock, never)
    recording.append(Buffer.from(transcript.slice(0, cut)))
    const found = expectIn(recording, /[\w-]{1,64} login: /, { from: 0, limitMs: 5000, late })
    recording.append(Buffer.from(transcript.slice(cut)))
    assert.equal((await found).text, 'ghaf-host login: ')
  }
})

test('a search begins at its offset and consumes nothing', async () => {
  using recording = new Recording(undefined, systemClock, never)
  recording.append(Buffer.from('# one\n# two\n'))
  const first = await expectIn(recording, /# (\w+)\n/, { from: 0, limitMs: 100, late })
  const second = await expectIn(recording, /# (\w+)\n/, { from: first.to, limitMs: 100, late })
  const again = await expectIn(recording, /# (\w+)\n/, { from: 0, limitMs: 100, late })
  assert.deepEqual([first.groups, second.groups, again.groups], [['one'], ['two'], ['one']])
})

test('a search that is late throws what its writer chose, and one that is aborted the reason', async () => {
  using recording = new Recording(undefined, systemClock, never)
  await assert.rejects(expectIn(recording, /x/, { from: 0, limitMs: 1, late }), /late/)
  const abort = new AbortController()
  const waiting = expectIn(recording, /x/, { from: 0, limitMs: 5000, late, signal: abort.signal })
  abort.abort(new Error('unplugged'))
  await assert.rejects(waiting, /unplugged/)
})
