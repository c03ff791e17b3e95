import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SAMPLE_IMAGE, SAMPLE_RELEASE, SampleLog, sampleRun } from './fold-sample.ts'
import { runFacts } from './run-facts.ts'

const BOOT = { bootId: 'b', disk: 'sda', version: '26.05', firmware: '1.34', by: 'stamp' } as const

function log(): SampleLog {
  const boards = ['a', 'b'].map(board => ({ board, type: 'nuc', twin: true, image: SAMPLE_IMAGE, features: [] }))
  return new SampleLog().add(0, {
    type: 'run-started',
    run: 'r',
    version: '0',
    command: [],
    bench: 'lab',
    boards,
    left: [],
  })
}

test('a boot is of the image that was flashed last, else of the planned one', () => {
  const { events } = log()
    .add(1, { type: 'booted', board: 'a', bootId: 'b', by: 'ssh', durationMs: 9000, proof: BOOT })
    .flashed('a', SAMPLE_RELEASE)
    .add(1, { type: 'booted', board: 'a', bootId: null, by: 'ssh', durationMs: 8000 })
    .add(1, { type: 'booted', board: 'b', bootId: null, by: 'ssh', durationMs: 7000 })
  const { run, bench, boots } = runFacts(events)
  assert.deepEqual([run, bench], ['r', 'lab'])
  assert.deepEqual(
    boots.map(({ board, image, durationMs, firmware, version }) => [
      board,
      image?.variant,
      durationMs,
      firmware,
      version,
    ]),
    [
      ['a', 'debug', 9000, '1.34', '26.05'],
      ['a', 'release', 8000, undefined, undefined],
      ['b', 'debug', 7000, undefined, undefined],
    ],
  )
})

test('a dry run flashes nothing, and a board that was not planned is nobody', () => {
  const proof = { target: 'x', mode: 'delta', imageBytes: 1, writtenBytes: 1, readBackBytes: 1, durationMs: 5 } as const
  const flashed = (board: string, more = {}) =>
    ({ type: 'flashed', board, image: SAMPLE_IMAGE, proof: { ...proof, ...more } }) as const
  const { events } = log()
    .add(1, flashed('a', { dryRun: true }))
    .add(1, flashed('c'))
    .add(1, flashed('a'))
  assert.deepEqual(
    runFacts(events).flashes.map(({ board, mode, durationMs }) => [board, mode, durationMs]),
    [['a', 'delta', 5]],
  )
})

test('any beginning of a log has facts', () => {
  const events = sampleRun()
  for (let n = 0; n <= events.length; n++) assert.ok(runFacts(events.slice(0, n)).flashes.length <= 4)
  assert.equal(runFacts(events).flashes.length, 4)
})
