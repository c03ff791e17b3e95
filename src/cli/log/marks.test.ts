import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeMark } from './marks.ts'

for (const [mark, words] of [
  [{ gap: 'unplugged' }, 'gap: unplugged'],
  [{ power: 'on' }, 'power on'],
  [{ opened: 7 }, 'recording begins (lease 7)'],
  [{ epoch: 7 }, 'recording goes on (lease 7)'],
  [{ closed: 7 }, 'recording ends'],
] as const)
  test(words, () => assert.equal(describeMark({ offset: 0, atMs: 0, ...mark }), words))
