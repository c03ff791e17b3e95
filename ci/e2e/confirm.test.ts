import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Cell } from '../../src/model/cell.ts'
import { evidenceOf } from '../../src/model/evidence.ts'
import { FeatureFile } from '../../src/model/feature.ts'
import { fold } from '../../src/model/fold.ts'
import { readYaml } from '../../src/base/schema.ts'
import { ROOT, type Ended } from './hil.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { notesOf, of } from './verdicts.ts'

// What failed is run again at once, on the same boot: it is confirmed or a suspect, and a failure either way.

const { features } = readYaml(`${ROOT}ci/e2e/suites/features.yaml`, FeatureFile, 'configuration/usage').data

function cellOf({ events }: Ended, feature: string): Cell {
  return fold(events, features).cells.find(cell => cell.feature === feature)!
}

/** Each test's results in the order they came: `title: verdict`, with the round of re-runs. */
function story({ events }: Ended): string[] {
  return of(events, 'test').map(
    ({ result: { title, verdict, rerun } }) => `${title}: ${verdict}${rerun ? ` (${rerun})` : ''}`,
  )
}

test('a test that fails once of three times is a suspect: exit 1, never green, with its rate', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const ended = await lab.run({}, ['flaky', 'quick'], 1)
  assert.deepEqual(story(ended), [
    'it works from the second time on: fail',
    'it works every time: pass',
    'it is the same boot: pass',
    'it works from the second time on: pass (1)',
    'it works from the second time on: pass (2)',
  ])
  const cell = cellOf(ended, 'flaky')
  assert.deepEqual([cell.verdict, cell.reruns], ['fail', { ran: 2, agreed: 0 }])
  assert.equal(cellOf(ended, 'quick').reruns, undefined)
  assert.equal(of(ended.events, 'booted').length, 1, 'boots')
  const run = of(ended.events, 'run-started')[0]!.run
  assert.match(readFileSync(join(lab.reportDir, run, 'status.md'), 'utf8'), /flaky, failed 1 of 3 times/)
})

test('a test that fails again is confirmed by its first re-run, and needs no second', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const ended = await lab.run({}, ['broken'], 1)
  const title = 'a part (of it) › it never works: 1 + 1?'
  assert.deepEqual(story(ended), [`${title}: fail`, `${title}: fail (1)`])
  assert.deepEqual(cellOf(ended, 'broken').reruns, { ran: 1, agreed: 1 })
  assert.equal(evidenceOf(fold(ended.events, features))[0]?.reruns?.agreed, 1)
})

test('--no-confirm leaves it at one look', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const ended = await lab.run({}, ['broken'], 1, '--no-confirm')
  assert.equal(story(ended).length, 1)
  assert.equal(cellOf(ended, 'broken').reruns, undefined)
})

test('an open known issue fails and does not exit by it; an expired one does', { skip: slow }, async () => {
  const issue = (expires: string): string =>
    JSON.stringify({
      issues: [{ ticket: 'GHAF-1', owner: 'ann', feature: 'broken', types: ['nuc'], opened: '2026-01-01', expires }],
    })
  await using lab = await Lab.open()
  lab.confirms = true
  const open = lab.file('open.yaml', issue('9999-12-31'))
  const known = await lab.run({}, ['broken', 'quick'], 0, '--known-issues', open)
  assert.deepEqual([cellOf(known, 'broken').verdict, cellOf(known, 'broken').known], ['fail', 'GHAF-1'])
  const expired = lab.file('expired.yaml', issue('2026-01-02'))
  const late = await lab.run({}, ['broken', 'quick'], 1, '--known-issues', expired)
  assert.equal(cellOf(late, 'broken').known, undefined)
})

test('a check the bench cannot make keeps a pass from being all of it; an absent feature fails if it is promised', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const ended = await lab.run({}, ['lacking', 'gone', 'not-yet'], 1)
  assert.deepEqual(
    [cellOf(ended, 'lacking').verdict, cellOf(ended, 'lacking').untested],
    ['pass', ['what needs more (no camera)']],
  )
  const gone = cellOf(ended, 'gone')
  assert.deepEqual([gone.verdict, gone.absent, gone.reruns], ['fail', true, { ran: 1, agreed: 1 }])
  assert.match(gone.reason ?? '', /^declared integrated, but absent from the image: no \/etc/)
  assert.equal(cellOf(ended, 'not-yet').verdict, 'skip')
  assert.ok(notesOf(ended).some(text => text.startsWith('runs 1 test of gone again, round 1 of at most 2')))
})

test('a feature that does not apply to a board type is not tested there, and says why', async () => {
  await using lab = await Lab.open()
  lab.confirms = true
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const ended = await lab.startRun(bench, ['--feature', 'no-nuc']).ended
  assert.equal(ended.exitCode, 2)
  assert.match(ended.stderr + ended.stdout, /no-nuc on nuc-1: does not apply to nuc: it has none/)
  assert.equal(lab.everPowered(), false)
})
