import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { keepClosed, keepEpoch, lastEpoch, wasCutShort } from './numbers-file.ts'

test('a board remembers its last number, and whether it was put away after it', t => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const board = join(folder, 'a')
  assert.deepEqual([lastEpoch(board), wasCutShort(board)], [0, false])
  keepEpoch(board, 7)
  assert.deepEqual([lastEpoch(board), wasCutShort(board)], [7, true])
  keepClosed(board)
  assert.equal(wasCutShort(board), false)
  keepEpoch(board, 7)
  assert.equal(wasCutShort(board), true, 'a hold whose board is open again')
  keepClosed(board)
  keepEpoch(board, 9)
  assert.deepEqual([lastEpoch(board), wasCutShort(board)], [9, true])
})
