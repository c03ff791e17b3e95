import assert from 'node:assert/strict'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { faultWith, tempDir } from '../drivers/test-kit.ts'
import { Recording } from './recording.ts'

const SMALL = { segmentBytes: 300_000, totalBytes: 1 << 30 }
const never = (): never => assert.fail('no fault expected')

test('what was appended is read back at its offsets, from memory and from disk', async () => {
  using dir = tempDir()
  const folder = join(dir.path, 'console')
  const chunk = Buffer.alloc(1 << 20)
  await using recording = new Recording({ folder, epoch: 1, limits: SMALL }, systemClock, never)
  for (let n = 0; n < 12; n++) {
    recording.append(chunk.fill(n))
    await recording.flush()
  }
  assert.equal(recording.end, 12 << 20)
  // The first MiB is no longer in memory, and spans segments.
  assert.deepEqual(recording.slice(0, 3), Buffer.from([0, 0, 0]))
  assert.deepEqual(recording.slice((1 << 20) - 1, (1 << 20) + 1), Buffer.from([0, 1]))
  assert.deepEqual(recording.slice((11 << 20) - 1, (11 << 20) + 1), Buffer.from([10, 11]))
  const across = recording.slice(0)
  assert.equal(across.length, 12 << 20)
  for (let n = 0; n < 12; n++) assert.equal(across[(n << 20) + 77], n)
})

test('bytes that are no longer kept are never others in their place', async () => {
  using dir = tempDir()
  const limits = { segmentBytes: 1 << 20, totalBytes: 4 << 20 }
  await using recording = new Recording({ folder: dir.path, epoch: 1, limits }, systemClock, never)
  for (let n = 0; n < 16; n++) {
    recording.append(Buffer.alloc(1 << 20, n))
    await recording.flush()
  }
  assert.throws(() => recording.slice(0, 10), faultWith('infrastructure/recording-dropped', 'offset 0'))
  assert.throws(() => recording.slice(0), faultWith('infrastructure/recording-dropped'))
  assert.equal(recording.slice(15 << 20)[0], 15)
})

test('a run has a copy of its own, and the index beside it names every chunk, gap and power-on', async () => {
  using dir = tempDir()
  const folder = join(dir.path, 'console')
  const path = join(dir.path, 'run/console.log')
  let now = 1000
  const clock = { ...systemClock, nowMs: () => now }
  {
    await using before = new Recording({ folder, epoch: 6 }, clock, never)
    before.append(Buffer.from('of another run'))
  }
  const begin = 14
  {
    await using recording = new Recording({ folder, epoch: 7, copyPath: path }, clock, never)
    assert.equal(recording.begin, begin)
    recording.poweredOn()
    recording.append(Buffer.from('abc'))
    recording.append(Buffer.from('of the same millisecond'))
    recording.gap('unplugged')
    recording.append(Buffer.from('d'))
    now = 1001
    recording.append(Buffer.from('e'))
    assert.equal(recording.gapSince(begin + 26), 'unplugged')
    assert.equal(recording.gapSince(begin + 27), undefined)
  }
  assert.equal(readFileSync(path, 'utf8'), 'abcof the same millisecondde')
  const lines = readFileSync(`${path}.idx`, 'utf8').trim().split('\n')
  assert.deepEqual(
    lines.map(line => JSON.parse(line) as unknown),
    [
      { opened: 7, offset: begin, atMs: 1000 },
      { gap: 'nobody recorded', offset: begin, atMs: 1000 },
      { power: 'on', offset: begin, atMs: 1000 },
      [begin, 1000],
      { gap: 'unplugged', offset: begin + 26, atMs: 1000 },
      [begin + 26, 1000],
      [begin + 27, 1001],
      { closed: 7, offset: begin + 28, atMs: 1001 },
    ],
  )
  assert.equal(readFileSync(join(folder, '0000000000000000.log'), 'utf8').slice(begin), readFileSync(path, 'utf8'))
})

test('a search does not look into what was said before this process listened', async () => {
  using dir = tempDir()
  {
    await using before = new Recording({ folder: dir.path, epoch: 1 }, systemClock, never)
    before.append(Buffer.from('ghaf-host login: '))
  }
  await using recording = new Recording({ folder: dir.path, epoch: 2 }, systemClock, never)
  recording.append(Buffer.from('new\n'))
  assert.equal(recording.slice(0).toString(), 'new\n')
  assert.equal(recording.gapSince(recording.begin), undefined, 'the gap was before')
})

test('a disk that takes no more is told once, and the memory goes on', async () => {
  using dir = tempDir()
  const copyPath = join(dir.path, 'console.log')
  symlinkSync('/dev/full', copyPath)
  const faults: Fault[] = []
  await using recording = new Recording({ epoch: 1, copyPath }, systemClock, fault => faults.push(fault))
  for (let n = 0; n < 3; n++) {
    recording.append(Buffer.from('line\n'))
    await recording.flush()
  }
  assert.deepEqual(
    faults.map(fault => fault.code),
    ['infrastructure/disk-full'],
  )
  assert.equal(recording.slice(0).toString(), 'line\nline\nline\n')
})

test('a folder that cannot be written to is told at once', () => {
  const place = { folder: '/etc/hostname/console', epoch: 1 }
  assert.throws(() => new Recording(place, systemClock, never), faultWith('infrastructure/disk-full'))
})
