import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fault } from '../base/fault.ts'
import { blamesOf } from './blames.ts'
import type { Cell } from './cell.ts'
import type { NewEvent, PlannedBoard, TestResult } from './event.ts'
import { fold } from './fold.ts'
import { SAMPLE_IMAGE, SampleLog, sampleFeatures } from './fold-sample.ts'
import type { Verdict } from './verdict.ts'

// What a run's matrix says beside verdicts: re-runs, checks nobody made, known issues, boards that disagree.

const FEATURES = sampleFeatures()

/** A run of some boards of one type with one feature each, told test by test. */
function matrix(
  tell: (log: SampleLog) => void,
  start: { features?: string[]; boards?: string[]; grep?: string; variants?: PlannedBoard['variants'] } = {},
): Cell[] {
  const { features = ['netvm'], boards = ['nuc-1'], grep, variants } = start
  const board = (name: string): PlannedBoard => ({
    ...{ board: name, type: 'nuc', twin: false, image: SAMPLE_IMAGE, features },
    ...(variants && { variants }),
  })
  const started: NewEvent = {
    ...{ type: 'run-started', run: 'r', version: '0', command: [], bench: 'b', left: [] },
    ...{ boards: boards.map(board), ...(grep !== undefined && { grep }) },
  }
  const log = new SampleLog().add(0, started)
  tell(log)
  return [...fold(log.add(1, { type: 'run-ended', exitCode: 0, durationMs: 1 }).events, FEATURES).cells]
}

/** Results of one test: the first, then each re-run. */
function rounds(...verdicts: (Verdict | Verdict[])[]) {
  return (log: SampleLog): void => {
    for (const [index, round] of verdicts.entries())
      for (const [n, verdict] of [round].flat().entries())
        log.test('nuc-1', 'netvm', `t${n}`, { verdict, ...(index > 0 && { rerun: index }) })
  }
}

const RERUNS: [string, (Verdict | Verdict[])[], Verdict, Cell['reruns']][] = [
  ['nobody re-ran a pass', ['pass'], 'pass', undefined],
  ['nobody re-ran a fail', ['fail'], 'fail', undefined],
  ['a fail that repeats', ['fail', 'fail'], 'fail', { ran: 1, agreed: 1 }],
  ['a fail that repeats late', ['fail', 'pass', 'fail'], 'fail', { ran: 2, agreed: 1 }],
  ['a fail that does not repeat', ['fail', 'pass', 'pass'], 'fail', { ran: 2, agreed: 0 }],
  [
    'one of two failed tests repeats',
    [
      ['fail', 'fail'],
      ['pass', 'fail'],
    ],
    'fail',
    { ran: 1, agreed: 1 },
  ],
  ['a re-run that could not conclude', ['fail', 'error', 'pass'], 'fail', { ran: 1, agreed: 0 }],
  ['no re-run could', ['fail', 'error', 'miss'], 'fail', undefined],
  [
    'half of a re-run could',
    [
      ['fail', 'fail'],
      ['pass', 'error'],
    ],
    'fail',
    undefined,
  ],
  [
    'a fail beside one that could not conclude',
    [
      ['fail', 'fail'],
      ['error', 'fail'],
    ],
    'fail',
    { ran: 1, agreed: 1 },
  ],
  ['a pass that repeats', ['pass', 'pass', 'pass'], 'pass', { ran: 2, agreed: 2 }],
  [
    'a pass whose tests are skipped in part',
    [
      ['pass', 'skip'],
      ['pass', 'skip'],
    ],
    'pass',
    { ran: 1, agreed: 1 },
  ],
  ['a pass taken back', ['pass', 'pass', 'fail'], 'fail', { ran: 2, agreed: 0 }],
  ['a pass taken back twice', ['pass', 'fail', 'fail'], 'fail', { ran: 2, agreed: 1 }],
  ['an error is none to repeat', ['error', 'pass'], 'error', undefined],
]

describe('fold of re-runs', () => {
  for (const [name, given, verdict, reruns] of RERUNS)
    it(name, () => {
      const [cell] = matrix(rounds(...given))
      assert.deepEqual([cell?.verdict, cell?.reruns], [verdict, reruns])
    })

  it('keeps first results as the tests, and the fails that took a pass back', () => {
    const titles = (...given: Verdict[]): string[] | undefined =>
      matrix(rounds(...given))[0]?.tests.map(test => `${test.verdict} ${test.rerun ?? 0}`)
    assert.deepEqual(titles('fail', 'pass', 'pass'), ['fail 0'])
    assert.deepEqual(titles('pass', 'pass', 'fail'), ['pass 0', 'fail 2'])
  })

  it('does not doubt a feature for trouble during the re-runs of another', () => {
    const gone = new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' })
    const cells = matrix(
      log => {
        log.add(0, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'begin' })
        log.test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product' }).test('nuc-1', 'guivm', 'a')
        log.test('nuc-1', 'debug-ssh', 'a', { rerun: 1 }).fault('nuc-1', gone, 'test')
      },
      { features: ['debug-ssh', 'guivm'] },
    )
    assert.deepEqual(
      cells.map(({ verdict }) => verdict),
      ['fail', 'error'],
    )
  })

  it('takes what looking again said of a fault outside the tests', () => {
    const fault = new Fault('product/no-boot', { expected: 'a kernel', seen: 'none' })
    const reruns = { ran: 2, agreed: 2 }
    const [cell] = matrix(
      log =>
        log.add(0, { type: 'fault', board: 'nuc-1', fault: fault.record(), blame: 'product', stage: 'boot', reruns }),
      { features: ['x86-image'] },
    )
    assert.deepEqual([cell?.verdict, cell?.reruns, cell?.known], ['fail', reruns, undefined])
  })
})

describe('fold of checks nobody made', () => {
  const passed =
    (more: Partial<TestResult> = {}) =>
    (log: SampleLog) =>
      log.test('nuc-1', 'debug-ssh', 'a').test('nuc-1', 'debug-ssh', 'b', { verdict: 'skip', ...more })
  const untested = (...given: Parameters<typeof matrix>): Cell['untested'] => matrix(...given)[0]?.untested
  const features = ['debug-ssh']

  it('names them, and is silent about what does not apply', () => {
    assert.equal(untested(passed({ reason: 'no netvm' }), { features }), undefined)
    assert.deepEqual(untested(passed({ untested: true, reason: 'no camera' }), { features }), ['b (no camera)'])
    assert.deepEqual(untested(passed({ untested: true }), { features }), ['b (no reason given)'])
  })

  it('names the images it was not tested with, where the log says which it was', () => {
    assert.deepEqual(untested(passed(), { features, variants: ['debug'] }), undefined)
    assert.deepEqual(untested(passed(), { features, variants: ['release'] }), ['its checks of a debug image'])
    const unheard = (log: SampleLog): SampleLog => log.test('nuc-1', 'unheard-of', 'a')
    assert.deepEqual(untested(unheard, { features: [], variants: ['release'] }), undefined)
  })

  it('names what --grep left out', () =>
    assert.deepEqual(untested(passed(), { features, grep: 'host "key"' }), [
      'all that --grep "host \\"key\\"" left out',
    ]))
})

describe('fold of known issues and absent features', () => {
  const cell = (...tests: Partial<TestResult>[]): Cell | undefined =>
    matrix(log => tests.forEach((test, n) => log.test('nuc-1', 'netvm', `t${n}`, test)))[0]

  it('takes a cell for known when all that failed in it is', () => {
    const known = { verdict: 'fail', blame: 'product', known: 'T-1' } as const
    assert.equal(cell(known, known, {})?.known, 'T-1')
    assert.equal(cell(known, { verdict: 'fail', blame: 'product' })?.known, undefined)
  })

  it('takes a cell for absent when all that failed in it says so', () => {
    const absent = { verdict: 'fail', blame: 'product', absent: true } as const
    assert.equal(cell(absent)?.absent, true)
    assert.equal(cell(absent, { verdict: 'fail', blame: 'product' })?.absent, undefined)
    assert.equal(cell({})?.absent, undefined)
  })

  it('keeps the ticket of a board that does not come up', () => {
    const fault = new Fault('product/no-boot', { expected: 'a kernel', seen: 'none' }).record()
    const [found] = matrix(
      log => log.add(0, { type: 'fault', board: 'nuc-1', fault, blame: 'product', stage: 'boot', known: 'T-2' }),
      { features: ['x86-image'] },
    )
    assert.deepEqual([found?.verdict, found?.known], ['fail', 'T-2'])
  })
})

describe('fold of boards of one type', () => {
  const boards = ['nuc-1', 'nuc-2', 'nuc-3']
  const disagree = (...verdicts: Verdict[]): (readonly string[] | undefined)[] =>
    matrix(log => verdicts.forEach((verdict, n) => log.test(boards[n]!, 'netvm', 'a', { verdict })), { boards }).map(
      cell => cell.disagrees,
    )

  it('marks those that find opposite things of one image', () => {
    assert.deepEqual(disagree('pass', 'fail', 'pass'), [['nuc-2'], ['nuc-1', 'nuc-3'], ['nuc-2']])
    assert.deepEqual(disagree('pass', 'pass', 'error'), [undefined, undefined, undefined])
    assert.deepEqual(disagree('fail', 'fail', 'skip'), [undefined, undefined, undefined])
  })

  it('does not compare images, types, or a twin with a board', () => {
    const other = { ...SAMPLE_IMAGE, sha256: 'b'.repeat(64) }
    const cells = matrix(
      log => log.flashed('nuc-2', other).test('nuc-1', 'netvm', 'a').test('nuc-2', 'netvm', 'a', { verdict: 'fail' }),
      { boards: ['nuc-1', 'nuc-2'] },
    )
    assert.deepEqual(
      cells.map(cell => cell.disagrees),
      [undefined, undefined],
    )
    for (const change of [{ twin: true }, { type: 'x1' }, { image: null }]) {
      const log = new SampleLog().add(0, {
        ...{ type: 'run-started', run: 'r', version: '0', command: [], bench: 'b', left: [] },
        boards: ['nuc-1', 'nuc-2'].map((board, n) => ({
          ...{ board, type: 'nuc', twin: false, image: SAMPLE_IMAGE, features: ['netvm'] },
          ...(n === 1 || 'image' in change ? change : {}),
        })),
      })
      log.test('nuc-1', 'netvm', 'a').test('nuc-2', 'netvm', 'a', { verdict: 'fail' })
      assert.ok(fold(log.events, FEATURES).cells.every(cell => cell.disagrees === undefined))
    }
  })
})

describe('the exit code of a log that did not end', () => {
  const product = { verdict: 'fail', blame: 'product' } as const
  const exit = (log: SampleLog): number => fold(log.events, FEATURES).exitCode

  it('is that of what it met: not of known issues, nor of what never began', () => {
    const gone = new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' })
    const dead = new Fault('product/no-boot', { expected: 'a kernel', seen: 'none' }).record()
    const known: NewEvent = { type: 'fault', board: 'a', fault: dead, blame: 'product', known: 'T' }
    assert.equal(exit(new SampleLog().test('a', 'netvm', 't', product)), 1)
    assert.equal(exit(new SampleLog().test('a', 'netvm', 't', { ...product, known: 'T' })), 0)
    assert.equal(exit(new SampleLog().test('a', 'netvm', 't', { verdict: 'miss', blame: 'lease' })), 0)
    assert.equal(exit(new SampleLog().test('a', 'netvm', 't')), 0)
    assert.equal(exit(new SampleLog().add(0, known)), 0)
    const all = new SampleLog().add(0, known).fault('a', gone).test('a', 'netvm', 't').test('a', 'netvm', 'u', product)
    assert.deepEqual(blamesOf(all.test('a', 'netvm', 'v', { verdict: 'miss', blame: 'lease' }).events), [
      'infrastructure',
      'product',
    ])
    assert.equal(exit(new SampleLog().add(0, known).fault('a', gone)), 3)
  })
})
