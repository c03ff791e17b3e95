import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AS_OF, at, fail, issue, LABELS, pass, row, seen } from '../model/status-test-kit.ts'
import { statusJson } from './status-json.ts'

const ROWS = [row(['Orin']), row(['Orin'], { id: 'g', removed: { since: 'v26.06' } })]

test('status.json says why, how old the evidence is, and by what its build took its place', () => {
  const evidence = [pass(20, at(7)), seen('orin', 'fail', 3, { twin: true, board: 'virtual-1', line: null })]
  const { line, asOf, rows } = JSON.parse(statusJson(ROWS, evidence, LABELS, AS_OF)) as {
    line: string
    asOf: string
    rows: unknown[]
  }
  assert.deepEqual([line, asOf], ['main', AS_OF])
  assert.deepEqual(rows[0], {
    ...{ feature: 'f', title: 'f', status: '✅', why: 'passes; stale on orin', proposed: false, stale: true },
    types: [
      {
        ...{ type: 'orin', status: '✅', why: 'passes', stale: true, age: { days: 20, builds: 0 } },
        evidence: {
          ...{ run: 'r-20', board: 'orin-1', at: '2026-08-12T12:00:00.000Z', imageSha256: 'a'.repeat(64) },
          ...{ commit: 'p-7', position: 7, orderedBy: 'position' },
        },
      },
    ],
    twins: [
      {
        ...{ type: 'orin', status: 'fail' },
        evidence: {
          ...{ run: 'r-3', board: 'virtual-1', at: '2026-08-29T12:00:00.000Z', imageSha256: 'a'.repeat(64) },
          ...{ commit: 'c-3', orderedBy: 'time' },
        },
      },
    ],
  })
  assert.partialDeepStrictEqual(rows[1], { status: '—', why: 'removed since v26.06: to be deleted' })
})

test('status.json names the known issue and the line asked for', () => {
  const text = statusJson(ROWS, [fail(1, { line: 'v26.08' })], LABELS, AS_OF, { line: 'v26.08', issues: [issue()] })
  const { line, rows } = JSON.parse(text) as { line: string; rows: { types: { issue: unknown }[] }[] }
  assert.equal(line, 'v26.08')
  assert.deepEqual(rows[0]?.types[0]?.issue, issue())
  assert.ok(text.endsWith('}\n'))
})
