import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AS_OF, fail, LABELS, pass, row, seen } from '../model/status-test-kit.ts'
import { doubtedFeatures } from './doubted.ts'

const sources = {
  features: [row(['All']), row(['Orin'], { id: 'g' })],
  labels: LABELS,
  evidence: [fail(1), pass(1, { feature: 'g' }), seen('nuc', 'pass', 1)],
}
const doubted = (type: string, line: string | null, twin = false): string[] => [
  ...doubtedFeatures(sources, { type, line, twin }, AS_OF),
]

test('a pass is confirmed where it would lift a ❌: on that type and line, on hardware', () => {
  assert.deepEqual(doubted('orin', 'main'), ['f'])
  assert.deepEqual(doubted('nuc', 'main'), [])
  assert.deepEqual(doubted('orin', 'v26.08'), [])
  assert.deepEqual(doubted('orin', null), [])
  assert.deepEqual(doubted('orin', 'main', true), [])
})
