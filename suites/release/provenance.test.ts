import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ciFlaws, commitIn, notOfMain, type Origin } from './provenance.ts'

const PROVENANCE = {
  signedBy: 'SHA256:x',
  bound: 'file',
  builder: 'https://ci.example/',
  repository: 'https://github.com/tiiuae/ghaf',
  commit: '6b1f0c2d9a7e4835bb20cf1d44e0a9d3c7f81e65',
  job: 'ghaf-main',
} as const
const GOOD: Origin = { line: 'main', why: 'signed provenance proves line main', provenance: PROVENANCE }

function changed(change: object, line: string | null = 'main'): Origin {
  return { ...GOOD, line, provenance: { ...PROVENANCE, ...change } }
}

test('a build of main that proves it', () => {
  for (const origin of [GOOD, changed({ ref: 'refs/heads/main', finishedAt: '2026-11-01T10:00:00Z' })]) {
    assert.equal(notOfMain(origin), undefined)
    assert.deepEqual(ciFlaws(origin), [])
  }
})

test('what claims nothing of main is not judged', () => {
  assert.match(notOfMain(undefined)!, /who built it/)
  assert.match(notOfMain({ line: null, why: 'x' })!, /who built it/)
  assert.match(notOfMain(changed({ signedBy: undefined }, null))!, /nobody whom this bench trusts/)
  assert.match(notOfMain(changed({ bound: 'not' }, null))!, /cannot be tied/)
  assert.match(notOfMain(changed({ ref: 'refs/pull/7/merge' }, null))!, /no build of main: refs\/pull\/7/)
  assert.match(notOfMain(changed({ job: 'ghaf-pre-merge' }, null))!, /no build of main: signed/)
})

test('a claim to be of main that is not proven is a flaw, each by its name', () => {
  const claim = changed({ ref: 'refs/heads/main', job: 'ghaf-pre-merge' }, null)
  assert.equal(notOfMain(claim), undefined)
  assert.match(ciFlaws(claim).join(), /not proven to come from main/)
  const broken: [object, RegExp][] = [
    [{ signedBy: undefined }, /no trusted key/],
    [{ bound: 'not' }, /something else/],
    [{ ref: 'refs/heads/dev' }, /built from refs\/heads\/dev/],
    [{ builder: 'localhost' }, /names no service/],
    [{ repository: undefined }, /no repository/],
    [{ commit: '6b1f0c2' }, /no commit: 6b1f0c2/],
    [{ commit: undefined }, /no commit: none/],
    [{ finishedAt: 'yesterday' }, /no time: yesterday/],
  ]
  for (const [change, flaw] of broken) {
    const flaws = ciFlaws(changed(change))
    assert.equal(flaws.length, 1, JSON.stringify(change))
    assert.match(flaws[0]!, flaw)
  }
})

test('the commit in a version', () => {
  assert.equal(commitIn('26.05.20261101.743ae50 (Name)'), '743ae50')
  assert.equal(commitIn('26.05.20261101.743ae50-dirty'), '743ae50')
  assert.equal(commitIn('26.05.20261101.dirty'), undefined)
  assert.equal(commitIn('26.05'), undefined)
})
