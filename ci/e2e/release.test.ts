import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { cellsOf, of } from './verdicts.ts'

// What a release image must not offer, on one that keeps the promise and on one that does not.

const SUITES = { HIL_SUITES_DIR: join(ROOT, 'suites') }

async function runRelease(image: string, exitCode: number) {
  await using lab = await Lab.open()
  const shell = { ...(lab.board().shell as BoardYaml), connectLimitMs: 2000 }
  const bench = lab.bench({ 'nuc-1': lab.board({ shell }) })
  const words = ['--feature', 'debug-ssh', '--feature', 'debug-serial', '--image', `release=${image}`]
  return await lab.mustEnd(lab.startRun(bench, words, SUITES), exitCode)
}

test('a release image that lets nobody in passes, its key believed at first use', async () => {
  const ended = await runRelease(imageOf('tiny-amd64', 'ghaf.variant=release'), 0)
  assert.deepEqual(cellsOf(ended, SUITES.HIL_SUITES_DIR), { 'debug-ssh': 'pass', 'debug-serial': 'pass' })
  assert.deepEqual([...new Set(of(ended.events, 'trusted').map(({ trust }) => trust.how))], ['first-use'])
})

test('a release image with the logins of a debug image fails both rows', async () => {
  const ended = await runRelease(imageOf('tiny-amd64'), 1)
  assert.deepEqual(cellsOf(ended, SUITES.HIL_SUITES_DIR), { 'debug-ssh': 'fail', 'debug-serial': 'fail' })
})
