import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flusher, type Batch, type Target } from './flusher.ts'
import { isArrival } from './index-line.ts'
import { MAX_WAITING_BYTES, Memory } from './memory.ts'

const never = (): never => assert.fail('no error expected')

/** A disk that takes nothing until it is told to. */
class Disk implements Target {
  readonly batches: { readonly offset: number; readonly text: Buffer; readonly lines: Batch['lines'] }[] = []
  hangs = Promise.withResolvers<void>()
  open = true

  async write({ offset, bytes, lines }: Batch): Promise<void> {
    await this.hangs.promise
    this.batches.push({ offset, text: Buffer.concat(bytes), lines })
  }

  async close(): Promise<void> {
    this.open = false
  }
}

test('what comes while the disk is busy waits for the next write, all at once', async () => {
  const disk = new Disk()
  const { say, flusher } = writing(disk)
  say('one')
  const flushed = flusher.flush()
  for (const text of ['two', 'three', 'four']) say(text)
  disk.hangs.resolve()
  await flushed
  await flusher.close()
  assert.deepEqual(
    disk.batches.map(({ offset, text }) => [offset, text.toString()]),
    [
      [100, 'one'],
      [103, 'twothreefour'],
    ],
  )
  assert.equal(disk.open, false)
})

test('a disk that hangs for too long loses what it missed, and only that, and the index says so', async () => {
  const disk = new Disk()
  const { memory, say, flusher } = writing(disk)
  const begin = memory.end
  say('first')
  const flushed = flusher.flush()
  const more = Buffer.alloc(MAX_WAITING_BYTES + 1_000_000)
  for (let at = 0; at < more.length; at++) more[at] = at % 251
  for (let at = 0; at < more.length; at += 100_000) say(more.subarray(at, at + 100_000))
  disk.hangs.resolve()
  await flushed
  await flusher.close()
  const [first, second, ...others] = disk.batches
  assert.equal(first?.text.toString(), 'first')
  assert.ok(second)
  assert.ok(second.offset > begin + 5)
  assert.equal(second.offset, memory.begin, 'all that is still in memory is written')
  assert.deepEqual(second.text, more.subarray(second.offset - begin - 5))
  const [gap, ...lines] = second.lines
  assert.ok(gap && !isArrival(gap))
  assert.match(gap.gap ?? '', /^the disk was too slow: .* are missing$/)
  assert.equal(gap.offset, second.offset)
  assert.ok(lines.every((line, n) => isArrival(line) && line[0] >= (n === 0 ? second.offset : 0)))
  assert.deepEqual(others, [])
})

test('a disk that hangs for a while loses nothing, and the memory shrinks again', async () => {
  const disk = new Disk()
  const { memory, say, flusher } = writing(disk)
  const begin = memory.end
  say('first')
  const flushed = flusher.flush()
  const more = Buffer.alloc(MAX_WAITING_BYTES - 1_000_000, 'm')
  for (let at = 0; at < more.length; at += 100_000) say(more.subarray(at, at + 100_000))
  assert.ok(memory.begin <= begin + 5, 'nothing that waits is forgotten')
  disk.hangs.resolve()
  await flushed
  await flusher.flush()
  say('last')
  await flusher.close()
  const written = Buffer.concat(disk.batches.map(({ text }) => text))
  assert.ok(written.equals(Buffer.concat([Buffer.from('first'), more, Buffer.from('last')])))
  assert.ok(memory.end - memory.begin <= 9 << 20)
})

test('after an error nothing is written any more, and it is told once', async () => {
  const errors: unknown[] = []
  const disk = new Disk()
  const { say, flusher } = writing(disk, error => errors.push(error))
  disk.hangs.reject(new Error('no room'))
  for (const text of ['one', 'two']) {
    say(text)
    await flusher.flush()
  }
  await flusher.close()
  assert.deepEqual(errors.map(String), ['Error: no room'])
  assert.deepEqual(disk.batches, [])
})

function writing(disk: Disk, onError: (error: unknown) => void = never) {
  const memory: Memory = new Memory(100, () => flusher.neededFrom)
  const flusher = new Flusher(memory, disk, onError)
  let now = 1000
  const say = (text: string | Buffer): void => {
    const offset = memory.end
    memory.append(Buffer.from(text))
    flusher.arrived(offset, now++)
  }
  return { memory, flusher, say }
}
