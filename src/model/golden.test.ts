import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { RunEvent } from './event.ts'
import { fold } from './fold.ts'
import { SAMPLE_IMAGE, SampleLog, sampleFeatures, sampleRun } from './fold-sample.ts'
import { byReason, goldenOf, promotable, type GoldenImage } from './golden.ts'
import type { Image } from './image.ts'

const OF_MAIN: Image = { ...SAMPLE_IMAGE, origin: { signature: 'good', line: 'main', why: 'signed, of main' } }
const UNPROVEN: Image = { ...SAMPLE_IMAGE, origin: { signature: 'none', line: null, why: 'nothing signed says so' } }

/** A run of one board, with what `tell` adds to its log. */
function ran(image: Image, tell: (log: SampleLog) => void, ended = true): RunEvent[] {
  const log = new SampleLog().add(0, {
    type: 'run-started',
    run: 'r1',
    version: '0',
    command: [],
    bench: 'b',
    boards: [{ board: 'nuc-1', type: 'nuc', twin: false, image, features: ['x86-image', 'debug-ssh'] }],
    left: [],
  })
  log.stage('nuc-1', 'flash', 9).flashed('nuc-1', image)
  log.add(1, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'begin' })
  tell(log)
  if (ended) log.add(0, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'end' })
  if (ended) log.add(1, { type: 'run-ended', exitCode: 0, durationMs: 1000 })
  return log.events
}

const passes = (log: SampleLog): unknown =>
  log.test('nuc-1', 'x86-image', 'boots').test('nuc-1', 'debug-ssh', 'logs in')

const CASES: [string, RunEvent[], string, RegExp | null][] = [
  ['all passed with an image of main', ran(OF_MAIN, passes), 'nuc-1', null],
  ['nobody proved where it comes from', ran(UNPROVEN, passes), 'nuc-1', /not proven to come from main: nothing signed/],
  ['nobody looked where it comes from', ran(SAMPLE_IMAGE, passes), 'nuc-1', /nobody looked/],
  [
    'it is proven to be a release',
    ran({ ...OF_MAIN, origin: { ...OF_MAIN.origin!, line: 'v26.08', why: 'of v26.08' } }, passes),
    'nuc-1',
    /of v26\.08/,
  ],
  [
    'a feature was never tested',
    ran(OF_MAIN, log => log.test('nuc-1', 'x86-image', 'boots')),
    'nuc-1',
    /debug-ssh: miss/,
  ],
  [
    'a feature failed',
    ran(OF_MAIN, log => {
      passes(log)
      log.test('nuc-1', 'debug-ssh', 'refuses others', { verdict: 'fail', blame: 'product', reason: 'it let them in' })
    }),
    'nuc-1',
    /debug-ssh: fail, it let them in/,
  ],
  [
    'the bench failed',
    ran(OF_MAIN, log =>
      log.fault('nuc-1', new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' }), 'boot'),
    ),
    'nuc-1',
    /miss, none/,
  ],
  [
    'nothing applied to it',
    ran(OF_MAIN, log => {
      for (const row of ['x86-image', 'debug-ssh']) log.test('nuc-1', row, 'x', { verdict: 'skip', reason: 'no' })
    }),
    'nuc-1',
    /nothing of it passed/,
  ],
  ['the run goes on', ran(OF_MAIN, passes, false), 'nuc-1', /did not end/],
  ['another board', ran(OF_MAIN, passes), 'orin-1', /did not run on orin-1/],
  ['nothing was flashed', ran(OF_MAIN, passes).filter(({ type }) => type !== 'flashed'), 'nuc-1', /flashed nothing/],
]

describe('the image of a run becomes golden only where it is proven main and all passed', () => {
  for (const [name, events, board, refused] of CASES)
    it(name, () => {
      const found = promotable(fold(events, sampleFeatures()), events, board)
      if (refused) assert.match('refused' in found ? found.refused.join('\n') : 'promoted', refused)
      else assert.deepEqual(found, { image: OF_MAIN })
    })

  it('names every reason at once', () => {
    const events = sampleRun()
    const found = promotable(fold(events, sampleFeatures()), events, 'nuc-1')
    assert.ok('refused' in found && found.refused.length >= 3, JSON.stringify(found))
  })
})

it('a board’s own golden image goes before its type’s', () => {
  const golden = (of: string): GoldenImage => ({ of, image: OF_MAIN, since: '2026-09-01T00:00:00.000Z' })
  const goldens = [golden('nuc'), golden('nuc-2')]
  const of = (name: string, type: string): string | undefined => goldenOf(goldens, { name, type: { name: type } })?.of
  assert.deepEqual([of('nuc-1', 'nuc'), of('nuc-2', 'nuc'), of('orin-1', 'orin')], ['nuc', 'nuc-2', undefined])
})

it('what many runs lack is said once, with the first of them', () => {
  const unproven = 'nuc-1: its image is not proven to come from main'
  const refused = [
    { run: 'r3', why: unproven },
    { run: 'r3', why: 'nuc-1: netvm: fail' },
    { run: 'r2', why: unproven },
    { run: 'r1', why: unproven },
  ]
  assert.deepEqual(byReason(refused), [`r3 and 2 more: ${unproven}`, 'r3: nuc-1: netvm: fail'])
})
