import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '../../base/time.ts'
import { soon, tempDir } from '../../drivers/test-kit.ts'
import { Recording } from '../recording.ts'
import { readRecording, type ReadOptions, type Start } from './reader.ts'

const never = (): never => assert.fail('no fault expected')

test('nothing recorded is nothing to read', async () => {
  using dir = tempDir()
  for (const start of ['oldest', 'boot', { sinceMs: 0 }] as const)
    assert.equal(await textFrom(join(dir.path, 'none'), start), '')
})

test('reading begins at an age or at the last power-on, over all runs and segments', async () => {
  using dir = tempDir()
  let now = 0
  const clock = { ...systemClock, nowMs: () => now }
  for (const epoch of [1, 2]) {
    const limits = { segmentBytes: 8, totalBytes: 1 << 20 }
    await using recording = new Recording({ folder: dir.path, epoch, limits }, clock, never)
    for (const text of ['before', ' boot', ' kernel', ' login']) {
      now += 1000
      if (text === ' boot') recording.poweredOn()
      recording.append(Buffer.from(text))
      await recording.flush()
    }
  }
  assert.equal(await textFrom(dir.path, 'boot'), ' boot kernel login')
  assert.equal(await textFrom(dir.path, 'oldest'), 'before boot kernel login'.repeat(2))
  const last = ['before', ' boot', ' kernel', ' login', 'before', ' boot', ' kernel', ' login']
  for (const [n] of last.entries()) {
    const at = (n + 1) * 1000
    assert.equal(await textFrom(dir.path, { sinceMs: at }), last.slice(n).join(''))
    assert.equal(await textFrom(dir.path, { sinceMs: at - 500 }), last.slice(n).join(''))
  }
  assert.equal(await textFrom(dir.path, { sinceMs: now + 1 }), '')
})

test('following sees what is written meanwhile, once and in order, over new segments and new runs', async () => {
  using dir = tempDir()
  const stop = new AbortController()
  let heard = ''
  let quiet = 0
  const options = { start: 'oldest', follow: true, clock: systemClock, signal: stop.signal } as const
  const following = (async () => {
    for await (const item of readRecording(dir.path, options)) {
      if ('bytes' in item) heard += item.bytes.toString()
      if ('quiet' in item) quiet++
    }
  })()
  const limits = { segmentBytes: 1000, totalBytes: 1 << 20 }
  let said = ''
  for (const epoch of [1, 2, 3]) {
    await using recording = new Recording({ folder: dir.path, epoch, limits }, systemClock, never)
    for (let n = 0; n < 100; n++) {
      const line = `lease ${epoch} says ${n}\n`
      said += line
      recording.append(Buffer.from(line))
      if (n % 10 === 0) await recording.flush()
    }
  }
  await until(() => heard.length >= said.length && quiet > 0)
  stop.abort()
  await following
  assert.equal(heard, said)
  assert.equal(quiet, 1, 'silence is told once')
})

test('following from now on does not begin with what was said before', async () => {
  using dir = tempDir()
  await using recording = new Recording({ folder: dir.path, epoch: 1 }, systemClock, never)
  recording.append(Buffer.from('before'))
  await recording.flush()
  const stop = new AbortController()
  const start = { sinceMs: systemClock.nowMs() + 1 }
  await systemClock.sleep(5)
  let heard = ''
  const following = (async () => {
    for await (const item of readRecording(dir.path, { start, follow: true, clock: systemClock, signal: stop.signal }))
      if ('bytes' in item) heard += item.bytes.toString()
  })()
  // A mark alone, which has no bytes of its own.
  recording.poweredOn()
  await recording.flush()
  await systemClock.sleep(300)
  recording.append(Buffer.from('after'))
  await until(() => heard !== '')
  stop.abort()
  await following
  assert.equal(heard, 'after')
})

test('what is dropped while it is read is said, and reading goes on', async () => {
  using dir = tempDir()
  const limits = { segmentBytes: 1000, totalBytes: 8000 }
  await using recording = new Recording({ folder: dir.path, epoch: 1, limits }, systemClock, never)
  const say = async (): Promise<void> => {
    recording.append(Buffer.alloc(1000, recording.end / 1000))
    await recording.flush()
  }
  for (let n = 0; n < 4; n++) await say()
  const items: { offset: number; dropped: boolean }[] = []
  const options: ReadOptions = { start: 'oldest', clock: systemClock, signal: soon() }
  for await (const item of readRecording(dir.path, options)) {
    if (!('offset' in item)) continue
    if ('bytes' in item || 'dropped' in item) items.push({ offset: item.offset, dropped: 'dropped' in item })
    // In the middle of the second segment, everything it could go on with is dropped.
    if (items.length === 2 && 'bytes' in item) for (let n = 0; n < 20; n++) await say()
  }
  const dropped = items.findIndex(item => item.dropped)
  assert.equal(dropped, 2)
  assert.ok(items[2]!.offset > 4000)
  assert.deepEqual(
    items.slice(3).map(({ offset }) => offset),
    Array.from({ length: items.length - 3 }, (_, n) => items[2]!.offset + n * 1000),
  )
  assert.equal(items.at(-1)?.offset, recording.end - 1000)
})

async function textFrom(folder: string, start: Start): Promise<string> {
  let text = ''
  for await (const item of readRecording(folder, { start, clock: systemClock, signal: soon() }))
    if ('bytes' in item) text += item.bytes.toString()
  return text
}

/** Looks again and again, at most 20 s. */
async function until(look: () => boolean): Promise<void> {
  const limit = soon()
  while (!look()) await systemClock.sleep(20, limit)
}
