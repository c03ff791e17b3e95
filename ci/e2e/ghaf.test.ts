import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_PASS, ghafBoard, runSuites } from './ghaf.ts'
import { Lab } from './lab.ts'
import { of, resultsOf } from './verdicts.ts'

// A whole Ghaf, flashed and booted, passes every row.

test('a sound image passes every row', async () => {
  await using lab = await Lab.open()
  const { ended, cells } = await runSuites(lab, ghafBoard(lab), 0)
  assert.deepEqual(cells, ALL_PASS)
  assert.ok([...resultsOf(ended).values()].every(({ verdict }) => verdict === 'pass' || verdict === 'skip'))
  // Its only disk of that size could be an older one all the same: the stamp was read.
  assert.equal(of(ended.events, 'booted')[0]?.proof?.by, 'stamp')
})
