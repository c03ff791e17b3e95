import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUITES } from './ghaf.ts'
import { architectureRun, confusions, laptop, type Breakable } from './laptop.ts'
import { Lab } from './lab.ts'
import { cellsOf } from './verdicts.ts'

// The whole matrix, row by row: npm run bench -- truth

const long = process.env.HIL_TRUTH === '1' ? false : 'takes minutes: HIL_TRUTH=1'

test('an image broken in two ways fails those two rows, and no other', { skip: long }, async () => {
  await using lab = await Lab.open()
  const broken: Breakable[] = ['inter-vm-ip', 'sw-update']
  const bench = lab.bench({ 'nuc-1': laptop(lab, broken) })
  const hil = lab.startRun(bench, architectureRun(), { HIL_SUITES_DIR: SUITES })
  const cells = cellsOf(await lab.mustEnd(hil, 1, 420_000), SUITES)
  assert.deepEqual(confusions(cells, broken), [], JSON.stringify(cells))
  const passed = Object.values(cells).filter(cell => cell === 'pass')
  assert.ok(passed.length >= 10, `rows that pass: ${JSON.stringify(cells)}`)
})
