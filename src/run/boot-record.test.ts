import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempDir } from '../drivers/test-kit.ts'
import { bootedBeside, rememberImageBoot } from './boot-record.ts'

test('an image was seen to boot beside a board where another of its bench booted it, not where it did itself', () => {
  using bench = tempDir()
  const [own, other] = ['orin-1', 'orin-2'].map(name => join(bench.path, name))
  assert.equal(bootedBeside(own!, 'a'), undefined, 'a board that has nothing yet')
  for (const stateDir of [own!, other!]) mkdirSync(stateDir)
  writeFileSync(join(bench.path, 'leases.jsonl'), 'no board')
  rememberImageBoot(own!, 'a', 0)
  assert.equal(bootedBeside(own!, 'a'), undefined)
  rememberImageBoot(other!, 'a', 0)
  assert.equal(bootedBeside(own!, 'a'), 'orin-2')
  assert.equal(bootedBeside(own!, 'b'), undefined)
})
