import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scriptedRun } from './boots-test-kit.ts'

test('a golden image that dies between two tests fails no image but itself', async () => {
  const { matrix, events } = await scriptedRun({
    boots: [],
    confirm: 'aba',
    defects: [{ kind: 'broken-unit', atMs: 0, amount: 0 }],
    // After it was proven to run, and before its test begins.
    golden: [{ kind: 'panics-later', atMs: 3000, amount: 0 }],
  })
  const notes = matrix.notes.map(({ text }) => text)
  assert.ok(
    notes.includes('the golden image, between two tests: product/panic: a kernel panic on the console'),
    notes.join('\n'),
  )
  assert.deepEqual(matrix.faults, [])
  assert.deepEqual(
    matrix.cells.filter(({ verdict }) => verdict !== 'pass').map(({ feature }) => feature),
    ['sim-netvm'],
  )
  const whose = events.flatMap(event => (event.type === 'attributed' ? [`${event.feature}: ${event.is}`] : []))
  assert.deepEqual(whose, ['sim-netvm: product'])
})
