import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { statusPage } from '../report/page.ts'
import { statusJson } from '../report/status-json.ts'
import {
  EVIDENCE,
  loadEvidence,
  loadFeatures,
  loadKnownIssues,
  loadLabels,
  STATUS_JSON,
  STATUS_PAGE,
} from './catalog.ts'
import { newest } from './reports.ts'

test('the committed status page is exactly what the committed evidence gives', () => {
  const evidence = loadEvidence(EVIDENCE)
  assert.notEqual(evidence.length, 0, 'there is evidence')
  const issues = loadKnownIssues(undefined, loadFeatures())
  const sources = [loadFeatures(), evidence, loadLabels(), newest(evidence, issues, ''), { issues }] as const
  assert.equal(readFileSync(STATUS_PAGE, 'utf8'), statusPage(...sources), 'run: hil matrix --write')
  assert.equal(readFileSync(STATUS_JSON, 'utf8'), statusJson(...sources), 'run: hil matrix --write')
})

test('it has all 34 rows, and no twin turned one', () => {
  assert.equal(loadFeatures().length, 34)
  const [tables = ''] = readFileSync(STATUS_PAGE, 'utf8').split('\n## Why')
  const statuses = [...tables.matchAll(/^\| [^|]* \| (✅|🚧|❌) +\|/gm)].map(match => match[1])
  assert.equal(statuses.length, 34)
  const onHardware = loadEvidence(EVIDENCE).some(evidence => !evidence.twin)
  if (!onHardware) assert.deepEqual([...new Set(statuses)], ['🚧'])
})
