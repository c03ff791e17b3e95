import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lab } from './lab.ts'
import { cellsOf, notesOf, resultsOf } from './verdicts.ts'

// Trouble that a kernel survives blames the test that ran then, and ends nothing.

test('a kernel that kills for want of memory during a test', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['oom', 'quick'], 1)
  const results = resultsOf(ended)
  const hit = results.get('oom: it sees nothing of what it did')
  assert.equal(hit?.verdict, 'fail')
  assert.equal(hit.fault?.code, 'product/kernel-trouble')
  assert.match(hit.fault.evidence.join('\n'), /Out of memory: Killed process \d+ \(tail\)/)
  assert.equal(results.get('oom: the board goes on')?.verdict, 'pass')
  assert.deepEqual(cellsOf(ended), { oom: 'fail', quick: 'pass' })
  assert.match(notesOf(ended).join('\n'), /an OOM kill on the console: Out of memory/)
})
