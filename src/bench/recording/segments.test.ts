import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../base/time.ts'
import { soon, tempDir } from '../../drivers/test-kit.ts'
import { Recording } from '../recording.ts'
import { readRecording, type Heard, type Mark } from './reader.ts'
import { segmentsIn, sizeOf } from './segment-files.ts'

const never = (): never => assert.fail('no fault expected')

test('a recording that was closed is gone on with where it ended, in the same file', async () => {
  using dir = tempDir()
  let now = 5000
  const clock = { ...systemClock, nowMs: () => now }
  for (const epoch of [1, 2, 3]) {
    await using recording = new Recording({ folder: dir.path, epoch }, clock, never)
    recording.append(Buffer.from(`said under ${epoch}\n`))
    now += 1000
  }
  assert.deepEqual(readdirSync(dir.path).sort(), ['0000000000000000.log', '0000000000000000.log.idx'])
  const items = await allOf(dir.path)
  assert.equal(textOf(items), 'said under 1\nsaid under 2\nsaid under 3\n')
  const marks = items.filter((item): item is Mark => !('bytes' in item))
  assert.deepEqual(
    marks.map(({ offset, atMs, ...what }) => [offset, atMs, what]),
    [
      [0, 5000, { opened: 1 }],
      [13, 6000, { closed: 1 }],
      [13, 6000, { opened: 2 }],
      [13, 6000, { gap: 'nobody recorded' }],
      [26, 7000, { closed: 2 }],
      [26, 7000, { opened: 3 }],
      [26, 7000, { gap: 'nobody recorded' }],
      [39, 8000, { closed: 3 }],
    ],
  )
})

test('wherever a kill tore the last write, nothing on the disk is lost or used twice', async () => {
  using dir = tempDir()
  const whole = join(dir.path, 'whole')
  let now = 5000
  const clock = { ...systemClock, nowMs: () => now++ }
  {
    await using recording = new Recording({ folder: whole, epoch: 1 }, clock, never)
    for (const text of ['one\n', 'two\n', 'three\n']) {
      recording.append(Buffer.from(text))
      await recording.flush()
    }
  }
  const [segment] = segmentsIn(whole)
  const text = readFileSync(segment!.dataPath, 'utf8')
  const index = readFileSync(segment!.indexPath, 'utf8')
  // The index torn at every byte, with all data behind it; then data torn as well.
  const cuts = Array.from(index, (_, n) => [text.length, n] as const)
  for (const [n] of text.split('').entries()) cuts.push([n, index.length])
  for (const [dataBytes, indexBytes] of cuts) {
    const folder = join(dir.path, 'torn')
    cpSync(whole, folder, { recursive: true })
    const [torn] = segmentsIn(folder)
    truncateSync(torn!.dataPath, dataBytes)
    truncateSync(torn!.indexPath, indexBytes)
    await using recording = new Recording({ folder, epoch: 2 }, clock, never)
    recording.append(Buffer.from('new\n'))
    await recording.flush()
    const told = `data cut at ${dataBytes}, index at ${indexBytes}`
    assert.ok(recording.begin > text.length, `${told}: no offset twice`)
    const items = await allOf(folder)
    assert.equal(textOf(items), `${text.slice(0, dataBytes)}new\n`, told)
    assert.equal(items.filter(item => 'gap' in item).length, 1, `${told}: it is said`)
    assert.deepEqual(readFileSync(torn!.dataPath, 'utf8'), text.slice(0, dataBytes), `${told}: nothing is repaired`)
    rmSync(folder, { recursive: true })
  }
})

test('the whole is bounded, the oldest goes first, and it is said', async () => {
  using dir = tempDir()
  const limits = { segmentBytes: 10_000, totalBytes: 50_000 }
  const said: string[] = []
  {
    await using recording = new Recording({ folder: dir.path, epoch: 1, limits }, systemClock, never)
    for (let n = 0; n < 2000; n++) {
      said.push(`line ${n}\n`.padStart(100))
      recording.append(Buffer.from(said.at(-1)!))
      if (n % 10 === 0) await recording.flush()
      const bytes = segmentsIn(dir.path).map(({ dataPath, indexPath }) => sizeOf(dataPath) + sizeOf(indexPath))
      const total = bytes.reduce((sum, size) => sum + size, 0)
      assert.ok(total <= limits.totalBytes + 2000, `${total} bytes`)
    }
  }
  const items = await allOf(dir.path)
  const dropped = items.find(item => 'dropped' in item)
  assert.ok(dropped && dropped.offset > 0)
  const kept = textOf(items)
  assert.equal(kept, said.join('').slice(dropped.offset))
  assert.ok(kept.length > 30_000, `${kept.length} bytes are kept`)
})

test('every segment names its lease, so that what is kept has one when older ones are dropped', async () => {
  using dir = tempDir()
  const limits = { segmentBytes: 1000, totalBytes: 4000 }
  for (const epoch of [6, 7]) {
    await using recording = new Recording({ folder: dir.path, epoch, limits }, systemClock, never)
    for (let n = 0; n < 20; n++) {
      recording.append(Buffer.alloc(500, 'x'))
      await recording.flush()
    }
  }
  for (const { indexPath, start } of segmentsIn(dir.path)) {
    const [first] = readFileSync(indexPath, 'utf8').split('\n')
    const { epoch, opened, offset } = JSON.parse(first!) as Mark
    assert.deepEqual([epoch ?? opened, offset], [7, start])
  }
  const marks = (await allOf(dir.path)).filter((item): item is Mark => !('bytes' in item) && !('dropped' in item))
  assert.deepEqual(
    marks.map(({ epoch, closed }) => ({ epoch, closed })),
    [
      { epoch: 7, closed: undefined },
      { epoch: undefined, closed: 7 },
    ],
    'told once, where reading begins',
  )
})

test('a recording from before segments named their lease is read, and gone on with', async () => {
  using dir = tempDir()
  const limits = { segmentBytes: 8, totalBytes: 1 << 20 }
  const say = async (epoch: number): Promise<void> => {
    await using recording = new Recording({ folder: dir.path, epoch, limits }, systemClock, never)
    for (const text of [`first of ${epoch}\n`, `second of ${epoch}\n`]) {
      recording.append(Buffer.from(text))
      await recording.flush()
    }
  }
  await say(1)
  for (const { indexPath } of segmentsIn(dir.path))
    writeFileSync(indexPath, readFileSync(indexPath, 'utf8').replace(/^\{"epoch.*\n/gm, ''))
  await say(2)
  const items = await allOf(dir.path)
  assert.equal(textOf(items), 'first of 1\nsecond of 1\nfirst of 2\nsecond of 2\n')
  assert.equal(items.filter(item => 'epoch' in item || 'opened' in item).length, 2)
})

async function allOf(folder: string) {
  return Array.fromAsync(readRecording(folder, { start: 'oldest', clock: systemClock, signal: soon() }))
}

function textOf(items: readonly object[]): string {
  const heard = items.filter((item): item is Heard => 'bytes' in item)
  return Buffer.concat(heard.map(({ bytes }) => bytes)).toString()
}
