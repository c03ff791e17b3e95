import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { zstdCompressSync } from 'node:zlib'
import type { Fault } from '../base/fault.ts'
import { inspectImage } from './image-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'hil-image-'))
after(() => rmSync(folder, { recursive: true }))
const signal = AbortSignal.timeout(10_000)
const isImageFault = (fault: Fault): boolean => fault.code === 'configuration/image'

function write(name: string, bytes: Buffer, sidecar?: object): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  if (sidecar) writeFileSync(`${path}.json`, JSON.stringify(sidecar))
  return path
}

test('an image is what its first bytes say, not its name', async () => {
  const raw = await inspectImage(write('a.img.zst', Buffer.from('not compressed')), 'debug', signal)
  assert.equal(raw.format, 'raw')
  const packed = zstdCompressSync(Buffer.alloc(4096))
  const zst = await inspectImage(write('b.img', packed), 'release', signal)
  assert.equal(zst.format, 'zst')
  assert.equal(zst.variant, 'release')
  assert.equal(zst.sha256, createHash('sha256').update(packed).digest('hex'))
})

test('what the file beside it says is kept, and a digest that differs is refused', async () => {
  const bytes = Buffer.from('image')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const image = await inspectImage(
    write('c.img', bytes, { sha256, name: 'ghaf', commit: 'abc', other: 1 }),
    'debug',
    signal,
  )
  assert.deepEqual([image.name, image.commit], ['ghaf', 'abc'])
  await assert.rejects(inspectImage(write('d.img', bytes, { sha256: 'f00' }), 'debug', signal), isImageFault)
  await assert.rejects(inspectImage(write('e.img', bytes, { sha256: 7 }), 'debug', signal), isImageFault)
})

test('a missing and an empty image are refused', async () => {
  await assert.rejects(inspectImage(join(folder, 'none.img'), 'debug', signal), isImageFault)
  await assert.rejects(inspectImage(write('f.img', Buffer.alloc(0)), 'debug', signal), isImageFault)
})
