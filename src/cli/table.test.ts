import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from './table.ts'

test('what other people wrote can neither move the cursor nor look like a row', () => {
  const reason = 'x\u001b[2J\u001b]0;title\u0007\nnuc-2  free\u202e'
  assert.equal(table(['BOARD', ''], [['nuc-1', reason]]), 'BOARD\nnuc-1  x nuc-2  free\n')
})
