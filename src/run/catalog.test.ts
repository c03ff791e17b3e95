import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { row } from '../model/status-test-kit.ts'
import { loadFeatures, loadKnownIssues } from './catalog.ts'

test('mistakes in known issues are told all at once, with file and line', () => {
  using dir = tempDir()
  const path = join(dir.path, 'issues.yaml')
  writeFileSync(
    path,
    `issues:
  - { ticket: A, owner: ann, feature: f, types: [orin], opened: 2026-11-01, expires: 2026-11-30 }
  - { ticket: B, owner: ann, feature: g, types: [orin, abacus], opened: 2026-11-01, expires: 2026-11-30 }
`,
  )
  assert.throws(
    () => loadKnownIssues(path, [row(['Orin'])]),
    ({ code, evidence }: Fault) => {
      assert.equal(code, 'configuration/known-issues')
      assert.deepEqual(
        evidence.map(line => line.slice(line.lastIndexOf('issues.yaml'))),
        [
          "issues.yaml:3: issues.1.feature: no feature is called 'g'",
          "issues.yaml:3: issues.1.types.1: no board type is called 'abacus'",
        ],
      )
      return true
    },
  )
  writeFileSync(path, 'issues:\n  - ticket: A\n    owner: ann\n    feature: f\n    types: []\n    opened: today\n')
  assert.throws(
    () => loadKnownIssues(path, [row(['Orin'])]),
    ({ evidence }: Fault) => {
      assert.ok(
        evidence.some(line => /issues\.yaml:5: issues\.0\.types: /.test(line)),
        evidence.join('\n'),
      )
      assert.ok(
        evidence.some(line => /issues\.yaml:6: issues\.0\.opened: /.test(line)),
        evidence.join('\n'),
      )
      assert.ok(
        evidence.some(line => /issues\.0\.expires: /.test(line)),
        evidence.join('\n'),
      )
      return true
    },
  )
})

test("this project's known issues are about its rows", () => {
  assert.ok(Array.isArray(loadKnownIssues(undefined, loadFeatures())))
})
