import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Image } from '../model/image.ts'
import { dropImages, keepImage } from './keep.ts'

const { signal } = new AbortController()

function place(t: TestContext): { folder: string; image: Image } {
  const folder = mkdtempSync(join(tmpdir(), 'hil-keep-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'ghaf.img')
  writeFileSync(path, 'the image')
  writeFileSync(`${path}.json`, '{"name":"ghaf"}')
  const sha256 = createHash('sha256').update('the image').digest('hex')
  return { folder: join(folder, 'kept'), image: { path, variant: 'debug', format: 'raw', sha256, sizeBytes: 9 } }
}

test('an image is kept with its sidecar, and stays when its file goes', async t => {
  const { folder, image } = place(t)
  const kept = await keepImage(image, folder, signal)
  rmSync(image.path)
  assert.equal(readFileSync(kept.path, 'utf8'), 'the image')
  assert.ok(existsSync(`${kept.path}.json`))
  assert.deepEqual(await keepImage(image, folder, signal), kept, 'what is there already is not copied again')
  assert.deepEqual(readdirSync(folder), [image.sha256], 'nothing else is left')
})

test('what is there and damaged is copied again', async t => {
  const { folder, image } = place(t)
  const kept = await keepImage(image, folder, signal)
  writeFileSync(kept.path, 'another!!')
  assert.equal(readFileSync((await keepImage(image, folder, signal)).path, 'utf8'), 'the image')
})

test('a file that was built anew is not what was inspected', async t => {
  const { folder, image } = place(t)
  writeFileSync(image.path, 'another!!')
  await assert.rejects(keepImage(image, folder, signal), /configuration\/image: expected the image with digest/)
  assert.deepEqual(readdirSync(folder), [])
  rmSync(image.path)
  await assert.rejects(keepImage(image, folder, signal), /configuration\/image: .*ENOENT/)
})

test('an image in parts is kept whole', async t => {
  const { folder, image } = place(t)
  const { path, sha256, sizeBytes, format } = image
  writeFileSync(join(path, '..', 'flash-manifest.json'), '{}')
  const partition = { type: 'EF00', label: 'esp', sizeMiB: 1 } as const
  const parts = [{ path, role: 'esp', format, sha256, sizeBytes, partition }]
  const kept = await keepImage({ ...image, path: join(path, '..'), sha256: 'f'.repeat(64), parts }, folder, signal)
  assert.equal(kept.path, join(folder, 'f'.repeat(64)))
  assert.deepEqual(readdirSync(kept.path).sort(), ['flash-manifest.json', 'ghaf.img', 'ghaf.img.json'])
  assert.equal(readFileSync(kept.parts![0]!.path, 'utf8'), 'the image')
})

test('what is not named goes, once it has been there for half a day', async t => {
  const { folder, image } = place(t)
  const kept = await keepImage(image, folder, signal)
  const hours = (n: number): number => Date.now() + n * 3_600_000
  await dropImages(folder, new Set(), hours(1))
  await dropImages(folder, new Set([image.sha256]), hours(13))
  assert.ok(existsSync(kept.path))
  await dropImages(folder, new Set(), hours(13))
  assert.ok(!existsSync(kept.path))
})
