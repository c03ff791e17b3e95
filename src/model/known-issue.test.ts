import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KnownIssueFile, misplaced, openIssue } from './known-issue.ts'
import { issue, row } from './status-test-kit.ts'

const SCOPE = { feature: 'f', type: 'orin', line: 'main' }

describe('an open issue', () => {
  const CASES: [string, boolean, Parameters<typeof issue>[0], string, (typeof SCOPE | { line: null })?][] = [
    ['holds from the first instant of its first day', true, {}, '2026-08-31T00:00:00.000Z'],
    ['not before', false, {}, '2026-08-30T23:59:59.999Z'],
    ['to the last of its last', true, {}, '2026-09-30T23:59:59.999Z'],
    ['and no longer', false, {}, '2026-10-01T00:00:00.000Z'],
    ['is about its types only', false, { types: ['nuc', 'x1'] }, '2026-09-01T00:00:00Z'],
    ['is about each of its types', true, { types: ['nuc', 'orin'] }, '2026-09-01T00:00:00Z'],
    ['is about its feature only', false, { feature: 'g' }, '2026-09-01T00:00:00Z'],
    ['is about its lines only', false, { lines: ['v26.08'] }, '2026-09-01T00:00:00Z'],
    ['may be about an image of no proven line', true, { lines: ['v26.08'] }, '2026-09-01T00:00:00Z', { line: null }],
  ]
  for (const [name, holds, more, at, scope] of CASES)
    it(name, () => {
      const found = openIssue([issue(more)], { ...SCOPE, ...scope }, Date.parse(at))
      assert.equal(found !== undefined, holds)
    })
})

describe('reports/known-issues.yaml', () => {
  const complaints = (more: object): string[] | undefined =>
    KnownIssueFile.safeParse({ issues: [{ ...issue(), ...more }] }).error?.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    )

  it('takes an issue with all it needs', () => assert.equal(complaints({ lines: ['main'] }), undefined))

  for (const [key, value] of Object.entries({
    ticket: '',
    owner: '',
    types: [],
    lines: [],
    opened: 'today',
    expires: '',
  }))
    it(`refuses ${key} ${JSON.stringify(value)}`, () =>
      assert.match(complaints({ [key]: value })?.join() ?? '', new RegExp(`^issues\\.0\\.${key}: `)))

  it('refuses one that expires before it opens, and one that says more', () => {
    assert.deepEqual(complaints({ expires: '2026-08-30' }), ['issues.0.expires: it expires before it is opened'])
    assert.equal(complaints({ expires: '2026-08-31' }), undefined)
    assert.match(complaints({ severity: 1 })?.[0] ?? '', /severity/)
  })

  it('must be about rows and board types there are', () => {
    const issues = [issue(), issue({ feature: 'g' }), issue({ types: ['orin', 'abacus'] })]
    assert.deepEqual(misplaced(issues, [row(['Orin'])], ['orin']), [
      { path: ['issues', 1, 'feature'], message: "no feature is called 'g'" },
      { path: ['issues', 2, 'types', 1], message: "no board type is called 'abacus'" },
    ])
  })
})
