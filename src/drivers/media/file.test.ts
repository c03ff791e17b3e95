import assert from 'node:assert/strict'
import { statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import file from './file.ts'

test('makes a sparse medium, keeps what is there, extends what was cut short', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'deep/disk.img')
  const media = await file.open(file.options.parse({ path, sizeMiB: 8 }), testContext(dir.path))
  assert.deepEqual(await media.toHost(soon()), { path, kind: 'file' })
  assert.equal(statSync(path).size, 8 << 20)
  assert.equal(statSync(path).blocks, 0)
  truncateSync(path, 0)
  await media.toHost(soon())
  assert.equal(statSync(path).size, 8 << 20)
  truncateSync(path, 16 << 20)
  await media.toHost(soon())
  assert.equal(statSync(path).size, 16 << 20)
  await media.toBoard(soon())
})

test('a folder that cannot be made, a path that is no file', async () => {
  using dir = tempDir()
  writeFileSync(join(dir.path, 'plain'), '')
  for (const path of [join(dir.path, 'plain/disk.img'), dir.path]) {
    const media = await file.open(file.options.parse({ path }), testContext(dir.path))
    await assert.rejects(media.toHost(soon()), faultWith('infrastructure/media', path))
  }
})
