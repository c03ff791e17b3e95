import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempDir } from '../../drivers/test-kit.ts'
import { afterUse, NO_HEALTH, releasedBy, withheldBy } from '../../model/health.ts'
import { changeHealth, readHealth } from './health-file.ts'

test('what is written of a board is read again, who released it and why included', () => {
  using dir = tempDir()
  const record = releasedBy(withheldBy(NO_HEALTH, 'its fan is dead', 'bob', 1000), 'its fan is new', 'aino', 2000)
  assert.deepEqual(
    changeHealth(dir.path, () => record),
    readHealth(dir.path),
  )
  assert.deepEqual(readHealth(dir.path).released, { by: 'aino', reason: 'its fan is new', atMs: 2000 })
})

test('a record from before releases were kept is read as it is', () => {
  using dir = tempDir()
  const before = afterUse(NO_HEALTH, { atMs: 1000, run: 'r1', fault: null })
  writeFileSync(join(dir.path, 'health.json'), JSON.stringify(before))
  assert.deepEqual(readHealth(dir.path), before)
})
