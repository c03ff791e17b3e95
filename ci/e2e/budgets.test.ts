import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NewEvent } from '../../src/model/event.ts'
import { story } from './hil.ts'
import { imageOf } from './images.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultRecords, faultsOf, notesOf } from './verdicts.ts'

// What earlier runs of a board took decides how long it is waited for, and whether something has changed.

const BOARD = 'nuc-1'

/** A run in which the board booted in `bootS` and was entered in `loginS`, so many minutes into the history. */
function writeRun(lab: Lab, minute: number, bootS: number, loginS: number): void {
  const run = `20260901-00${String(minute).padStart(2, '0')}-aaaa`
  const startMs = Date.UTC(2026, 8, 1, 0, minute)
  const boards = [{ board: BOARD, type: 'nuc', twin: true, image: null, features: ['quick'] }]
  const events: [number, NewEvent][] = [
    [0, { type: 'run-started', run, version: '0', command: [], bench: 'e2e', boards, left: [] }],
    [0, { type: 'stage', board: BOARD, stage: 'boot', state: 'begin' }],
    [bootS, { type: 'stage', board: BOARD, stage: 'boot', state: 'end' }],
    [bootS, { type: 'stage', board: BOARD, stage: 'login', state: 'begin' }],
    [bootS + loginS, { type: 'stage', board: BOARD, stage: 'login', state: 'end' }],
    [bootS + loginS, { type: 'booted', board: BOARD, bootId: 'x', by: 'console', durationMs: 1 }],
    [bootS + loginS, { type: 'run-ended', exitCode: 0, durationMs: 1 }],
  ]
  mkdirSync(join(lab.reportDir, run), { recursive: true })
  const lines = events.map(([s, event]) => JSON.stringify({ at: new Date(startMs + s * 1000).toISOString(), ...event }))
  writeFileSync(join(lab.reportDir, run, 'run.jsonl'), `${lines.join('\n')}\n`)
}

test(
  'a board that used to boot at once is not waited for as long as it might be, and it is said why',
  { skip: slow },
  async () => {
    await using lab = await Lab.open()
    for (let minute = 0; minute < 15; minute++) writeRun(lab, minute, 3, 1)
    const runs = await lab.start(['runs', '--report-dir', lab.reportDir]).ended
    assert.equal(runs.exitCode, 0, story(runs))
    const images = { debug: imageOf('tiny-amd64', 'hil.break=getty loglevel=6') }
    const ended = await lab.run({ images, limitsMs: { boot: 40_000 } }, ['image'], 1)
    assert.deepEqual(faultsOf(ended), ['product/no-login'])
    assert.match(faultRecords(ended)[0]!.expected, /within 20 s/, 'half of the limit is the least')
    assert.match(
      notesOf(ended).join('\n'),
      /the limit of 20 s was learned from 15 boots.* took 3\.0 s; at most it is 40 s/,
    )
  },
)

test('a boot that takes longer than it did is told in hil boards and in the run', async () => {
  await using lab = await Lab.open()
  for (let minute = 0; minute < 30; minute++) writeRun(lab, minute, 60, 100)
  const bench = lab.bench({ [BOARD]: lab.board() })
  const boards = (): ReturnType<Lab['start']>['ended'] =>
    lab.start(['boards', '--bench', bench, '--report-dir', lab.reportDir]).ended
  await lab.start(['runs', '--report-dir', lab.reportDir]).ended
  assert.doesNotMatch((await boards()).stdout, /takes/)
  for (let minute = 30; minute < 32; minute++) writeRun(lab, minute, 5, 100)
  await lab.start(['runs', '--report-dir', lab.reportDir]).ended
  assert.doesNotMatch((await boards()).stdout, /takes/, 'two boots are no drift')
  const ended = await lab.run({}, ['quick'], 0)
  assert.match(notesOf(ended).join('\n'), /^boot takes \d.* s, was 1 min 00 s for 30 runs$/m)
  assert.match((await boards()).stdout, /^nuc-1: boot takes .* was 1 min 00 s for 30 runs$/m)
})
