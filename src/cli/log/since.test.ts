import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultWith } from '../../drivers/test-kit.ts'
import { parseSince } from './since.ts'

const NOW = Date.parse('2026-08-01T12:00:00Z')

for (const [text, time] of [
  ['30s', '2026-08-01T11:59:30Z'],
  ['10m', '2026-08-01T11:50:00Z'],
  ['1.5h', '2026-08-01T10:30:00Z'],
  ['1d', '2026-07-31T12:00:00Z'],
  ['2026-07-31T08:00:00Z', '2026-07-31T08:00:00Z'],
  ['2026-07-31T10:00:00+02:00', '2026-07-31T08:00:00Z'],
] as const)
  test(`--since ${text}`, () => assert.deepEqual(parseSince(text, NOW), { sinceMs: Date.parse(time) }))

test('--since boot', () => assert.equal(parseSince('boot', NOW), 'boot'))

for (const text of ['', '10', 'm', '10 m', '-10m', 'yesterday', '1', '2026', '2026-13-01'])
  test(`--since '${text}' is refused`, () =>
    assert.throws(() => parseSince(text, NOW), faultWith('configuration/usage', `'${text}'`)))
