import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import type { RunMatrix } from './cell.ts'
import type { Stage, TestResult } from './event.ts'
import { fold } from './fold.ts'
import { SampleLog, SAMPLE_IMAGE, SAMPLE_RELEASE, sampleFeatures, sampleRun } from './fold-sample.ts'

const FEATURES = sampleFeatures()
const PLANNED = ['x86-image', 'debug-ssh', 'netvm']

/** A log of one board, up to its tests. */
function begun(): SampleLog {
  return new SampleLog()
    .add(0, {
      type: 'run-started',
      run: 'r1',
      version: '0',
      command: [],
      bench: 'b',
      boards: [{ board: 'nuc-1', type: 'nuc', twin: false, image: SAMPLE_IMAGE, features: PLANNED }],
      left: [],
    })
    .stage('nuc-1', 'boot', 20)
    .add(0, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'begin' })
}

function ended(log: SampleLog): RunMatrix {
  log.add(1, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'end' })
  return fold(log.add(1, { type: 'run-ended', exitCode: 0, durationMs: 1 }).events, FEATURES)
}

/** `feature: verdict blame←blockedBy`, a line each. */
function told(matrix: RunMatrix): string[] {
  return matrix.cells.map(({ feature, verdict, blame, blockedBy }) =>
    [`${feature}: ${verdict}`, blame, blockedBy && `← ${blockedBy}`].filter(Boolean).join(' '),
  )
}

const fault = {
  panic: new Fault('product/panic', { expected: 'life', seen: 'death' }),
  tty: new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' }),
  cancel: new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }),
  guest: new Fault('product/no-guest', { expected: 'an answer', seen: 'none' }),
  ssh: new Fault('product/ssh-closed', { expected: 'SSH', seen: 'refused' }),
}
const bySsh: Partial<TestResult> = { verdict: 'fail', blame: 'product', fault: fault.ssh.record() }
const noGuest: Partial<TestResult> = { verdict: 'fail', blame: 'product', fault: fault.guest.record() }

const CASES: [string, (log: SampleLog) => SampleLog, string[]][] = [
  [
    'takes the strongest of a feature’s tests',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .test('nuc-1', 'debug-ssh', 'a')
        .test('nuc-1', 'debug-ssh', 'b', { verdict: 'fail', blame: 'product' })
        .test('nuc-1', 'netvm', 'a', { verdict: 'skip' }),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: skip'],
  ],
  [
    'misses what was planned and never heard of, blocked or not',
    log => log.test('nuc-1', 'x86-image', 'a').test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product' }),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: miss ← debug-ssh'],
  ],
  ['misses everything when nothing ran', log => log, PLANNED.map(id => `${id}: miss`)],
  [
    'fails the image row of a board that dies outside the tests, and blocks the rest',
    log => log.fault('nuc-1', fault.panic, 'boot'),
    ['x86-image: fail product', 'debug-ssh: miss ← x86-image', 'netvm: miss ← x86-image'],
  ],
  [
    'keeps what was found before the image died',
    log => log.test('nuc-1', 'x86-image', 'a').test('nuc-1', 'debug-ssh', 'a').fault('nuc-1', fault.panic, 'test'),
    ['x86-image: fail product', 'debug-ssh: pass', 'netvm: miss ← x86-image'],
  ],
  [
    'misses what had not begun when a cable went, and doubts what was under test',
    log => log.test('nuc-1', 'x86-image', 'a').test('nuc-1', 'debug-ssh', 'a').fault('nuc-1', fault.tty, 'test'),
    ['x86-image: pass', 'debug-ssh: error infrastructure', 'netvm: miss infrastructure'],
  ],
  [
    'believes a feature whose tests went on after a fault',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .fault('nuc-1', fault.tty, 'test')
        .test('nuc-1', 'x86-image', 'b')
        .test('nuc-1', 'debug-ssh', 'a')
        .test('nuc-1', 'netvm', 'a'),
    PLANNED.map(id => `${id}: pass`),
  ],
  [
    'keeps a fail though a cable went afterwards',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product' })
        .fault('nuc-1', fault.tty, 'test'),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: miss ← debug-ssh'],
  ],
  [
    'blocks a feature whose tests were missed as one without any',
    log =>
      log
        .test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product' })
        .test('nuc-1', 'netvm', 'a', { verdict: 'miss', blame: 'infrastructure' }),
    ['x86-image: miss', 'debug-ssh: fail product', 'netvm: miss ← debug-ssh'],
  ],
  [
    'does not take trouble while the board is put away for what kept a feature from its tests',
    log => log.fault('nuc-1', fault.tty, 'release'),
    PLANNED.map(id => `${id}: miss`),
  ],
  [
    'fails a feature whose guest does not answer though another row than it names failed',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a', { verdict: 'fail', blame: 'product' })
        .test('nuc-1', 'debug-ssh', 'a')
        .test('nuc-1', 'netvm', 'a', noGuest),
    ['x86-image: fail product', 'debug-ssh: pass', 'netvm: fail product'],
  ],
  [
    'takes a fault of no board as one of all boards',
    log => log.test('nuc-1', 'x86-image', 'a').fault(null, fault.cancel),
    ['x86-image: miss cancelled', 'debug-ssh: miss cancelled', 'netvm: miss cancelled'],
  ],
  [
    'does not blame a board for a product fault of no board',
    log => log.fault(null, fault.panic),
    PLANNED.map(id => `${id}: miss`),
  ],
  [
    'shrugs at trouble while the board is put away',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .test('nuc-1', 'debug-ssh', 'a')
        .test('nuc-1', 'netvm', 'a')
        .fault('nuc-1', fault.tty, 'release'),
    PLANNED.map(id => `${id}: pass`),
  ],
  [
    'blocks a feature that could not get in the way a required one could not',
    log =>
      log.test('nuc-1', 'x86-image', 'a').test('nuc-1', 'debug-ssh', 'a', bySsh).test('nuc-1', 'netvm', 'a', bySsh),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: miss ← debug-ssh'],
  ],
  [
    'lets a feature fail by its own fault though a required one failed',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .test('nuc-1', 'debug-ssh', 'a', bySsh)
        .test('nuc-1', 'netvm', 'a', { verdict: 'fail', blame: 'product' }),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: fail product'],
  ],
  [
    'blocks a feature whose guest does not answer by the row that it requires',
    log =>
      log.test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product' }).test('nuc-1', 'netvm', 'a', noGuest),
    ['x86-image: miss', 'debug-ssh: fail product', 'netvm: miss ← debug-ssh'],
  ],
  [
    'fails a feature whose guest does not answer where what it requires holds',
    log => log.test('nuc-1', 'debug-ssh', 'a').test('nuc-1', 'netvm', 'a', noGuest),
    ['x86-image: miss', 'debug-ssh: pass', 'netvm: fail product'],
  ],
  [
    'lets a later attempt replace an earlier one that could not conclude, never the other way round',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a', { verdict: 'error', attempt: 0 })
        .test('nuc-1', 'x86-image', 'a', { attempt: 1 })
        .test('nuc-1', 'debug-ssh', 'a', { attempt: 1 })
        .test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', attempt: 0 })
        .test('nuc-1', 'netvm', 'a'),
    PLANNED.map(id => `${id}: pass`),
  ],
  [
    'never retries a fail of the product into green',
    log =>
      log
        .test('nuc-1', 'x86-image', 'a')
        .test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail', blame: 'product', attempt: 0 })
        .test('nuc-1', 'debug-ssh', 'a', { attempt: 1 })
        .test('nuc-1', 'netvm', 'a'),
    ['x86-image: pass', 'debug-ssh: fail product', 'netvm: pass'],
  ],
]

describe('fold', () => {
  for (const [name, tell, expected] of CASES) it(name, () => assert.deepEqual(told(ended(tell(begun()))), expected))

  it('never takes a half-tested feature of a cut log for a pass', () => {
    const { events } = begun().test('nuc-1', 'x86-image', 'a').test('nuc-1', 'debug-ssh', 'a')
    const matrix = fold(events, FEATURES)
    assert.deepEqual(told(matrix), ['x86-image: pass', 'debug-ssh: miss', 'netvm: miss'])
    assert.equal(matrix.endedAt, null)
  })

  it('tells the boards’ facts and the length of their stages', () => {
    const [orin, , nuc2] = fold(sampleRun(), FEATURES).boards
    assert.equal(orin?.flash, 'verified')
    assert.equal(orin?.imageSha256, SAMPLE_IMAGE.sha256)
    assert.equal(orin?.hostKey, 'SHA256:VkZc3oL1q9h8Yx2m')
    assert.deepEqual(orin?.stages[2], { stage: 'flash', fromMs: 6200, durationMs: 19_000 })
    assert.deepEqual(
      nuc2?.stages.map(s => s.stage),
      ['lease', 'flash', 'boot'],
    )
  })

  it('blames the image that never boots once, and the lost cable never on the product', () => {
    const cells = fold(sampleRun(), FEATURES).cells
    const verdicts = (board: string): string[] => cells.filter(c => c.board === board).map(c => c.verdict)
    assert.deepEqual(verdicts('nuc-2'), ['fail', 'miss', 'miss', 'miss', 'miss', 'miss'])
    assert.deepEqual(verdicts('x1-1'), ['pass', 'error', 'miss', 'miss', 'miss', 'miss'])
  })

  it('folds any beginning of a log, with one cell for every planned feature', () => {
    const events = sampleRun()
    for (let n = 0; n <= events.length; n++)
      assert.equal(fold(events.slice(0, n), FEATURES).cells.length, n === 0 ? 0 : 24, `of ${n} events`)
  })

  it('never turns faults of one class into the verdict of another, whatever the order of things', () => {
    const stage = fc.constantFrom<Stage | undefined>('image', 'flash', 'boot', 'test', 'release', undefined)
    const step = fc.oneof(
      fc.record({ feature: fc.constantFrom(...PLANNED), title: fc.constantFrom('a', 'b'), attempt: fc.nat(2) }),
      stage.map(stage => ({ stage })),
    )
    const run = (
      steps: (object & { feature?: string; title?: string; attempt?: number; stage?: Stage | undefined })[],
      thrown: Fault,
    ): RunMatrix => {
      const log = begun()
      for (const { feature, title = '', attempt = 0, stage } of steps)
        if (feature) log.test('nuc-1', feature, title, { attempt })
        else log.fault('nuc-1', thrown, stage)
      return ended(log)
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), steps => {
        assert.ok(run(steps, fault.tty).cells.every(cell => cell.verdict !== 'fail'))
        assert.ok(run(steps, fault.panic).cells.every(cell => cell.verdict !== 'error'))
      }),
    )
  })
})

/** Rows of which one has tests for both images. */
const TWO_IMAGES = FEATURES.map(row =>
  row.id === 'debug-ssh' ? { ...row, variants: ['debug' as const, 'release' as const] } : row,
)

/** A log whose debug tests all pass and have ended. */
function debugPassed(more: Partial<TestResult> = {}): SampleLog {
  return begun()
    .flashed('nuc-1')
    .test('nuc-1', 'x86-image', 'a')
    .test('nuc-1', 'debug-ssh', 'a', more)
    .test('nuc-1', 'netvm', 'a')
    .add(1, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'end' })
}

function begin(log: SampleLog, stage: Stage): SampleLog {
  return log.add(1, { type: 'stage', board: 'nuc-1', stage, state: 'begin' })
}

function toldOfTwo(log: SampleLog): string[] {
  log.stage('nuc-1', 'release', 1).add(1, { type: 'run-ended', exitCode: 0, durationMs: 1 })
  return told(fold(log.events, TWO_IMAGES))
}

describe('fold of a run with two images', () => {
  const others = (verdict: string): string[] => ['x86-image: pass', `debug-ssh: ${verdict}`, 'netvm: pass']

  it('gives a cell the image of its first test, and the board its first image', () => {
    const log = begin(debugPassed().stage('nuc-1', 'flash', 1).flashed('nuc-1', SAMPLE_RELEASE), 'test')
    log.test('nuc-1', 'debug-ssh', 'b').test('nuc-1', 'guivm', 'b')
    const { boards, cells } = fold(log.events, TWO_IMAGES)
    const facts = { imageSha256: SAMPLE_IMAGE.sha256, variant: 'debug', imageName: SAMPLE_IMAGE.name }
    assert.partialDeepStrictEqual(boards[0], facts)
    const variants = Object.fromEntries(cells.map(cell => [cell.feature, cell.variant]))
    assert.deepEqual(variants, { 'x86-image': 'debug', 'debug-ssh': 'debug', netvm: 'debug', guivm: 'release' })
    assert.partialDeepStrictEqual(cells[0], { ...facts, commit: SAMPLE_IMAGE.commit })
    assert.equal(cells.at(-1)?.imageSha256, SAMPLE_RELEASE.sha256)
  })

  it('names the image that failed: at the failing test, or when the board fell over', () => {
    const released = debugPassed().stage('nuc-1', 'flash', 1).flashed('nuc-1', SAMPLE_RELEASE)
    const log = begin(released, 'test').test('nuc-1', 'debug-ssh', 'b', { verdict: 'fail', blame: 'product' })
    log.fault('nuc-1', new Fault('product/panic', { expected: 'life', seen: 'a panic' }), 'test')
    const variants = Object.fromEntries(fold(log.events, TWO_IMAGES).cells.map(cell => [cell.feature, cell.variant]))
    assert.partialDeepStrictEqual(variants, { 'x86-image': 'release', 'debug-ssh': 'release', netvm: 'debug' })
  })

  it('gives a cell without tests the planned image', () => {
    const [cell] = fold(begun().events, FEATURES).cells
    assert.equal(cell?.imageSha256, SAMPLE_IMAGE.sha256)
  })

  for (const stage of ['lease', 'image', 'flash', 'boot', 'login'] as const)
    it(`calls a row of two images an error when the second one’s ${stage} fails, and only that`, () => {
      assert.deepEqual(
        toldOfTwo(begin(debugPassed(), stage).fault('nuc-1', fault.tty, stage)),
        others('error infrastructure'),
      )
    })

  it('does so without a word about the stage’s begin', () =>
    assert.deepEqual(toldOfTwo(debugPassed().fault('nuc-1', fault.tty, 'flash')), others('error infrastructure')))

  it('does so when the second test stage fails before the row’s tests, and doubts no row of the first', () =>
    assert.deepEqual(
      toldOfTwo(begin(debugPassed().stage('nuc-1', 'boot', 1), 'test').fault('nuc-1', fault.tty, 'test')),
      others('error infrastructure'),
    ))

  it('misses the row when the run was cancelled, told of the board or of the run', () => {
    for (const board of ['nuc-1', null])
      assert.deepEqual(
        toldOfTwo(begin(debugPassed(), 'flash').fault(board, fault.cancel)),
        others('miss cancelled'),
        String(board),
      )
  })

  it('blocks the row when the second image does not come up', () =>
    assert.deepEqual(toldOfTwo(begin(debugPassed(), 'boot').fault('nuc-1', fault.panic, 'boot')), [
      'x86-image: fail product',
      'debug-ssh: miss ← x86-image',
      'netvm: pass',
    ]))

  it('keeps a fail of the first image, and forgets a skip', () => {
    const dead = (more: Partial<TestResult>): string | undefined =>
      toldOfTwo(begin(debugPassed(more), 'flash').fault('nuc-1', fault.tty, 'flash'))[1]
    assert.equal(dead({ verdict: 'fail', blame: 'product' }), 'debug-ssh: fail product')
    assert.equal(dead({ verdict: 'skip' }), 'debug-ssh: error infrastructure')
  })

  it('passes it when both images did, and shrugs at trouble while the board is put away', () => {
    const log = begin(debugPassed().stage('nuc-1', 'flash', 1), 'test').test('nuc-1', 'debug-ssh', 'b')
    log.add(1, { type: 'stage', board: 'nuc-1', stage: 'test', state: 'end' }).fault('nuc-1', fault.tty, 'release')
    assert.deepEqual(toldOfTwo(log), others('pass'))
    assert.deepEqual(toldOfTwo(debugPassed().fault('nuc-1', fault.tty, 'release')), others('pass'))
  })

  it('never takes it for a pass where the log of a killed run stops before its second image was tested', () => {
    assert.deepEqual(told(fold(begin(debugPassed(), 'flash').events, TWO_IMAGES)), others('miss'))
  })
})
