import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { NewEvent, PlannedBoard, RunEvent, Stage } from './event.ts'
import { boardLog as boardLogOf, imageFacts, spanOf, type BoardLog } from './fold-boards.ts'
import { SAMPLE_IMAGE, SAMPLE_RELEASE, SampleLog } from './fold-sample.ts'

const PLANNED: PlannedBoard = { board: 'a', type: 'nuc', twin: true, image: SAMPLE_IMAGE, features: ['f', 'g'] }
const tty = new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' })
const panic = new Fault('product/panic', { expected: 'life', seen: 'death' })

function boardLog(planned: PlannedBoard, events: readonly RunEvent[]): BoardLog {
  return boardLogOf(planned, events, spanOf(events))
}

function read(tell: (log: SampleLog) => SampleLog): BoardLog {
  return boardLog(PLANNED, tell(new SampleLog()).events)
}

function stage(log: SampleLog, stage: Stage, state: 'begin' | 'end'): SampleLog {
  return log.add(1, { type: 'stage', board: 'a', stage, state })
}

/** A log up to the first tests. */
function testing(log: SampleLog): SampleLog {
  return stage(log.stage('a', 'flash', 2).flashed('a'), 'test', 'begin')
}

/** A log whose first tests are over. */
function tested(log: SampleLog): SampleLog {
  return stage(testing(log).test('a', 'f', 't'), 'test', 'end')
}

/** `code at stage`, of each fault. */
function faultsOf({ faults }: BoardLog): string[] {
  return faults.map(({ fault, stage }) => `${fault.code} at ${stage}`)
}

describe('boardLog', () => {
  it('knows nothing of a board nobody spoke of', () => {
    assert.deepEqual(boardLog(PLANNED, []), {
      ...{ planned: PLANNED, tests: [], reruns: [], faults: [], open: undefined, secondPhase: undefined },
      ...{ cut: new Map(), images: new Map() },
      board: {
        ...{ board: 'a', type: 'nuc', twin: true, ...imageFacts(SAMPLE_IMAGE) },
        ...{ stages: [], flash: 'not flashed', hostKey: null },
      },
    })
  })

  it('hears what is said of it and of the run, not of other boards', () => {
    const log = read(log =>
      log.fault('b', tty, 'boot').fault(null, tty).test('b', 'f', 't').flashed('b', SAMPLE_RELEASE),
    )
    assert.deepEqual(faultsOf(log), ['infrastructure/tty-gone at undefined'])
    assert.equal(log.tests.length, 0)
    assert.equal(log.board.flash, 'not flashed')
    assert.deepEqual(faultsOf(read(log => log.fault(null, panic).fault('a', panic))), ['product/panic at undefined'])
  })

  it('keeps with a fault the image, the stage, what re-runs said and the issue it is', () => {
    const reruns = { ran: 2, agreed: 2 }
    const event: NewEvent = { type: 'fault', board: 'a', fault: panic.record(), blame: 'product' }
    const log = read(log =>
      log
        .flashed('a', SAMPLE_RELEASE)
        .add(0, { ...event, stage: 'boot', reruns, known: 'T' })
        .add(0, event),
    )
    const bare = { blame: 'product', fault: panic.record(), image: SAMPLE_RELEASE }
    assert.deepEqual(log.faults, [{ ...bare, stage: 'boot', reruns, known: 'T' }, bare])
  })

  const OPEN: [string, (log: SampleLog) => SampleLog, string | undefined][] = [
    ['no test', testing, undefined],
    ['a test that ended, in a stage that did not', log => testing(log).test('a', 'f', 't'), 'f'],
    ['a stage that ended', tested, undefined],
    ['a test, and no word of its stage', log => log.test('a', 'f', 't'), 'f'],
    [
      'that, and the run is over',
      log => log.test('a', 'f', 't').add(1, { type: 'run-ended', exitCode: 0, durationMs: 1 }),
      undefined,
    ],
    ['a re-run of another feature', log => testing(log).test('a', 'f', 't').test('a', 'g', 't', { rerun: 1 }), 'f'],
    ['a test that has others behind it', log => testing(log).test('a', 'f', 't', { left: 1 }), 'f'],
    ['the last test of a feature', log => testing(log).test('a', 'f', 't', { left: 0 }), undefined],
    ['a second provisioning', log => stage(tested(log), 'flash', 'begin'), undefined],
    ['second tests that began', log => stage(stage(tested(log), 'flash', 'begin'), 'test', 'begin'), undefined],
    ['a stage of another name', log => stage(testing(log).test('a', 'f', 't'), 'release', 'end'), 'f'],
  ]
  for (const [name, tell, open] of OPEN)
    it(`leaves open after ${name}: ${open}`, () => assert.equal(read(tell).open, open))

  const CUT: [string, (log: SampleLog) => SampleLog, string[]][] = [
    ['during a test stage', log => testing(log).test('a', 'f', 't').fault('a', tty), ['f']],
    ['at the test stage by its own word', log => log.test('a', 'f', 't').fault('a', tty, 'test'), ['f']],
    ['before any test', log => testing(log).fault('a', tty, 'test'), []],
    ['after the test stage', log => tested(log).fault('a', tty), []],
    ['at another stage', log => testing(log).test('a', 'f', 't').fault('a', tty, 'release'), []],
    ['a feature heard of again', log => testing(log).test('a', 'f', 't').fault('a', tty).test('a', 'f', 'u'), []],
    ['with others to come', log => testing(log).test('a', 'f', 't', { left: 1 }).fault('a', tty), ['f']],
    ['behind the last of a feature', log => testing(log).test('a', 'f', 't', { left: 0 }).fault('a', tty), []],
    ['another feature heard of', log => testing(log).test('a', 'f', 't').fault('a', tty).test('a', 'g', 'u'), ['f']],
  ]
  for (const [name, tell, cut] of CUT)
    it(`cuts ${cut.join() || 'nothing'} short by a fault ${name}`, () =>
      assert.deepEqual([...read(tell).cut.keys()], cut))

  it('gives a feature the image of its first test, or of its first failing one', () => {
    const log = read(log =>
      testing(log)
        .test('a', 'f', 't')
        .test('a', 'g', 't', { verdict: 'fail' })
        .flashed('a', SAMPLE_RELEASE)
        .test('a', 'f', 'u', { verdict: 'fail' })
        .test('a', 'g', 'u', { verdict: 'fail' })
        .flashed('a', SAMPLE_IMAGE)
        .test('a', 'f', 'v', { verdict: 'fail' }),
    )
    assert.deepEqual(
      [...log.images].map(([feature, image]) => `${feature} ${image?.variant}`),
      ['f release', 'g debug'],
    )
  })
})

describe('a second phase', () => {
  const second = (tell: (log: SampleLog) => SampleLog): [string | undefined, string[]] | undefined => {
    const { secondPhase } = read(tell)
    return secondPhase && [secondPhase.fault?.fault.code, [...secondPhase.tested]]
  }

  it('begins when a board goes back to before its tests', () => {
    assert.equal(second(tested), undefined)
    for (const name of ['lease', 'image', 'flash', 'boot', 'login'] as const)
      assert.deepEqual(
        second(log => stage(tested(log), name, 'begin')),
        [undefined, []],
        name,
      )
    assert.equal(
      second(log => stage(tested(log), 'release', 'begin')),
      undefined,
    )
    assert.equal(
      second(log => stage(log, 'flash', 'begin').flashed('a')),
      undefined,
    )
    assert.deepEqual(
      second(log => stage(testing(log), 'boot', 'begin')),
      [undefined, []],
    )
  })

  it('begins once, and keeps its first fault and its features', () => {
    const log = (log: SampleLog): SampleLog => stage(stage(tested(log), 'flash', 'begin'), 'test', 'begin')
    assert.deepEqual(
      second(start => log(start).test('a', 'g', 't')),
      [undefined, ['g']],
    )
    assert.deepEqual(
      second(start => log(start).fault('a', tty, 'test').fault('a', panic, 'test')),
      [tty.code, []],
    )
    const again = (start: SampleLog): SampleLog => stage(log(start).test('a', 'g', 't'), 'boot', 'begin')
    assert.deepEqual(second(again), [undefined, ['g']])
  })

  it('begins with a fault that names such a stage', () => {
    assert.deepEqual(
      second(log => tested(log).fault('a', tty, 'flash')),
      [tty.code, []],
    )
    assert.equal(
      second(log => tested(log).fault('a', tty, 'release')),
      undefined,
    )
    assert.equal(
      second(log => tested(log).fault('a', tty)),
      undefined,
    )
  })

  it('has no fault of the time when the board is put away', () => {
    const flash = (log: SampleLog): SampleLog => stage(tested(log), 'flash', 'begin')
    assert.deepEqual(
      second(log => flash(log).fault('a', tty, 'release')),
      [undefined, []],
    )
    assert.deepEqual(
      second(log => stage(flash(log), 'release', 'begin').fault('a', tty)),
      [undefined, []],
    )
    assert.deepEqual(
      second(log => stage(flash(log), 'release', 'end').fault('a', tty)),
      [tty.code, []],
    )
  })
})

describe('the facts of a board', () => {
  it('are its first image, how it was flashed, its last key and where its recording begins', () => {
    const trusted = (fingerprint: string): NewEvent => ({
      ...{ type: 'trusted', board: 'a', trust: { how: 'console', host: 'h', fingerprint } },
    })
    const { board } = read(log =>
      log
        .add(0, { type: 'recording', board: 'a', from: 77 })
        .flashed('a', { ...SAMPLE_RELEASE, position: 5 })
        .flashed('a')
        .add(0, trusted('k1'))
        .add(0, trusted('k2')),
    )
    assert.deepEqual(board, {
      ...{ board: 'a', type: 'nuc', twin: true, stages: [], flash: 'verified', hostKey: 'k2', recordedFrom: 77 },
      ...{ imageSha256: SAMPLE_RELEASE.sha256, imageName: SAMPLE_RELEASE.name, commit: SAMPLE_RELEASE.commit },
      ...{ variant: 'release', line: null, position: 5 },
    })
  })

  it('say whether it was read back, and when a flash failed', () => {
    const proof = {
      target: 't',
      mode: 'full',
      imageBytes: 1,
      writtenBytes: 1,
      readBackBytes: 0,
      durationMs: 1,
    } as const
    const unread: NewEvent = { type: 'flashed', board: 'a', image: SAMPLE_IMAGE, proof }
    assert.equal(read(log => log.add(0, unread)).board.flash, 'not read back')
    assert.equal(read(log => log.flashed('a').fault('a', tty, 'flash')).board.flash, 'failed')
    assert.equal(read(log => log.flashed('a').fault('a', tty, 'boot')).board.flash, 'verified')
  })

  it('are all null of no image', () => {
    assert.deepEqual(imageFacts(null), { imageSha256: null, imageName: null, commit: null, variant: null, line: null })
    const origin = { signature: 'good', line: 'main', why: '' } as const
    assert.equal(imageFacts({ ...SAMPLE_IMAGE, origin }).line, 'main')
  })

  it('are its stages in order: from the start of the log, an open one until its end, never less than nothing', () => {
    const { board } = read(log =>
      log
        .add(5, { type: 'note', board: null, text: 'start' })
        .stage('a', 'lease', 2)
        .stage('b', 'lease', 9)
        .add(1, { type: 'stage', board: 'a', stage: 'boot', state: 'end' })
        .stage('a', 'flash', -3)
        .add(4, { type: 'stage', board: 'a', stage: 'boot', state: 'begin' })
        .add(6, { type: 'note', board: null, text: 'end' }),
    )
    assert.deepEqual(board.stages, [
      { stage: 'lease', fromMs: 1000, durationMs: 2000 },
      { stage: 'flash', fromMs: 15_000, durationMs: 0 },
      { stage: 'boot', fromMs: 16_000, durationMs: 6000 },
    ])
    const twice = read(log => log.stage('a', 'boot', 1).stage('a', 'boot', 2)).board.stages
    assert.deepEqual(twice, [
      { stage: 'boot', fromMs: 0, durationMs: 1000 },
      { stage: 'boot', fromMs: 2000, durationMs: 2000 },
    ])
  })

  it('are the rungs of its recovery, when they were over, and nothing where there were none', () => {
    const step = { type: 'recovery', board: 'a', why: 'a test did not come to its end' } as const
    const { board } = read(log =>
      log
        .add(0, { type: 'note', board: null, text: 'start' })
        .add(5, { ...step, rung: 'probe', state: 'begin' })
        .add(2, { ...step, rung: 'probe', state: 'end', durationMs: 2000, fault: tty.record() })
        .add(9, { ...step, rung: 'power-cycle', state: 'end', durationMs: 9000, bootId: 'x' })
        .add(0, { ...step, board: 'b', rung: 'probe', state: 'end', durationMs: 1 }),
    )
    const { why } = step
    assert.deepEqual(board.recoveries, [
      { rung: 'probe', why, fromMs: 5000, durationMs: 2000, helped: false },
      { rung: 'power-cycle', why, fromMs: 7000, durationMs: 9000, helped: true },
    ])
    assert.equal('recoveries' in read(log => log.stage('a', 'boot', 1)).board, false)
  })

  it('take a time nobody can read for nothing', () => {
    const { board } = boardLog(PLANNED, [
      { at: 'noon', type: 'stage', board: 'a', stage: 'boot', state: 'begin' },
      { at: '2026-09-01T08:00:00.000Z', type: 'stage', board: 'a', stage: 'boot', state: 'end' },
    ])
    assert.deepEqual(board.stages, [{ stage: 'boot', fromMs: 0, durationMs: 0 }])
  })
})
