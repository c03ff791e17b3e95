import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generationsIn, rollbackFlaws, updateFlaws, type RunningSystem } from './generations.ts'

const LISTING = '   7   2026-08-01 10:00:00   \n   9   2026-08-02 10:00:00   (current)\n  10   2026-08-03 10:00:00   \n'

test('generations as nix-env lists them', () => {
  assert.deepEqual(generationsIn(LISTING), { numbers: [7, 9, 10], current: 9 })
  assert.deepEqual(generationsIn('error: no such profile'), { numbers: [], current: undefined })
  const two = LISTING.replace('10   2026-08-03 10:00:00   ', '10   2026-08-03 10:00:00   (current)')
  assert.equal(generationsIn(two).current, undefined, 'two cannot both be current')
})

const BEFORE: RunningSystem = { numbers: [1], current: 1, path: '/nix/store/a', bootId: 'b', hostname: 'ghaf-host' }
const AFTER: RunningSystem = { ...BEFORE, numbers: [1, 2], current: 2, path: '/nix/store/b' }

test('a good update has no flaw, and each broken one its own', () => {
  assert.deepEqual(updateFlaws(BEFORE, AFTER), [])
  const broken: [Partial<RunningSystem>, RegExp][] = [
    [{ path: '/nix/store/a' }, /^the running system is still/],
    [{ current: 1 }, /^generation 1 is current/],
    [{ bootId: 'c' }, /booted/],
    [{ hostname: 'ghaf-2' }, /its name changed/],
    [{ numbers: [1], current: 1 }, /^0 new generations/],
    [{ numbers: [1, 2, 3], current: 3 }, /^2 new generations/],
    [{ numbers: [] }, /^-1 new/],
  ]
  for (const [change, flaw] of broken) assert.match(updateFlaws(BEFORE, { ...AFTER, ...change })[0] ?? '', flaw)
})

test('a rollback is back at what ran before', () => {
  assert.deepEqual(rollbackFlaws(BEFORE, { ...AFTER, current: 1, path: BEFORE.path }), [])
  assert.deepEqual(rollbackFlaws(BEFORE, AFTER).length, 2)
  assert.match(rollbackFlaws(BEFORE, { ...BEFORE, bootId: 'c' })[0]!, /booted/)
})
