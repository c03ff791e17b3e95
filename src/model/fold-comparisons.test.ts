import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fault } from '../base/fault.ts'
import { runSummary } from '../report/terminal.ts'
import { blamesOf } from './blames.ts'
import type { NewEvent, PlannedBoard } from './event.ts'
import { fold } from './fold.ts'
import { SAMPLE_IMAGE, SampleLog, sampleFeatures } from './fold-sample.ts'
import { exitCodeOf } from './verdict.ts'

// What was tried with a golden image and on other boards, in a run's log.

const board = (name: string): PlannedBoard => ({
  board: name,
  type: 'nuc',
  twin: false,
  image: SAMPLE_IMAGE,
  features: ['x86-image', 'debug-ssh'],
})

function started(): SampleLog {
  const log = new SampleLog().add(0, {
    type: 'run-started',
    ...{ run: 'r', version: '0', command: [], bench: 'b', boards: [board('nuc-1')], left: [] },
  })
  return log.stage('nuc-1', 'flash', 9).flashed('nuc-1')
}

function cells(log: SampleLog): string[] {
  return fold(log.events, sampleFeatures()).cells.map(
    ({ board, feature, verdict, blame, blockedBy }) => `${board} ${feature}: ${verdict} ${blockedBy ?? blame ?? ''}`,
  )
}

function exitOf({ events }: SampleLog): number {
  return exitCodeOf(blamesOf(events))
}

const begins: NewEvent = { type: 'stage', board: 'nuc-1', stage: 'test', state: 'begin' }
const fails = { verdict: 'fail', blame: 'product', reason: 'it is not' } as const
const attributed = (more: object): NewEvent => ({
  ...{ type: 'attributed', board: 'nuc-1', feature: 'debug-ssh', is: 'product', why: 'by comparison', clears: false },
  ...more,
})

describe('a run with comparisons', () => {
  it('has a board that an image changed as an error, and the board that joined for it', () => {
    const changed = new Fault('infrastructure/board-changed-by-image', { expected: 'golden to boot', seen: 'nothing' })
    const log = started().fault('nuc-1', changed, 'boot')
    log.add(1, { type: 'joined', board: 'nuc-2', planned: board('nuc-2'), insteadOf: 'nuc-1', why: 'it cannot tell' })
    log
      .flashed('nuc-2')
      .add(0, { ...begins, board: 'nuc-2' })
      .test('nuc-2', 'x86-image', 'boots')
      .test('nuc-2', 'debug-ssh', 'x')
    log.add(0, { ...begins, board: 'nuc-2', state: 'end' })
    assert.deepEqual(cells(log), [
      'nuc-1 x86-image: error infrastructure',
      'nuc-1 debug-ssh: miss infrastructure',
      'nuc-2 x86-image: pass ',
      'nuc-2 debug-ssh: pass ',
    ])
    assert.equal(exitOf(log), 3)
  })

  it('keeps a boot that failed and then did not as a fail, with its rate, and what was tested after it', () => {
    const log = started()
    const fault = new Fault('product/no-login', { expected: 'a login', seen: 'none' })
    log.add(0, { type: 'diagnosis-step', board: 'nuc-1', of: 'image', state: 'begin' })
    log.add(9, { type: 'diagnosis-step', board: 'nuc-1', of: 'image', state: 'end', durationMs: 9000 })
    log.add(0, {
      type: 'diagnosis',
      board: 'nuc-1',
      is: 'flaky-boot',
      why: 'it booted in the end',
      wantsQuarantine: false,
    })
    log.add(0, {
      type: 'fault',
      board: 'nuc-1',
      fault: fault.record(),
      blame: 'product',
      stage: 'boot',
      reruns: { ran: 1, agreed: 0 },
    })
    log.add(0, begins).test('nuc-1', 'x86-image', 'boots').test('nuc-1', 'debug-ssh', 'logs in')
    log.add(0, { ...begins, state: 'end' }).add(0, { type: 'run-ended', exitCode: 1, durationMs: 1 })
    assert.deepEqual(cells(log), ['nuc-1 x86-image: fail product', 'nuc-1 debug-ssh: pass '])
    assert.equal(exitOf(log), 1)
    const matrix = fold(log.events, sampleFeatures())
    assert.deepEqual(matrix.diagnoses, [
      { board: 'nuc-1', is: 'flaky-boot', why: 'it booted in the end', steps: [{ of: 'image' }] },
    ])
    const text = runSummary(matrix, { color: false, width: 120 })
    assert.match(text, /again +flaky: failed 1 of 2 times/)
    assert.match(text, /nuc-1, diagnosis: the image boots now and then: it booted in the end \[it again: boots\]/)
  })

  it('takes nothing that the golden image did for the image’s', () => {
    const log = started().add(0, begins).test('nuc-1', 'x86-image', 'boots').test('nuc-1', 'debug-ssh', 'logs in')
    const result = { feature: 'debug-ssh', title: 'logs in', durationMs: 1, attempt: 0, ...fails }
    log.add(0, { type: 'compared', board: 'nuc-1', result }).add(0, { ...begins, state: 'end' })
    assert.deepEqual(cells(log), ['nuc-1 x86-image: pass ', 'nuc-1 debug-ssh: pass '])
    assert.equal(exitOf(log), 0)
  })

  const CASES: [string, object, string, number, RegExp][] = [
    ['the product’s', {}, 'fail product', 1, /whose +product: by comparison/],
    ['the board’s', { is: 'board', clears: true }, 'error infrastructure', 3, /whose +board: by comparison/],
    ['the test’s', { is: 'test', clears: true }, 'error test', 5, /test\/suspect/],
    ['perhaps the test’s', { is: 'test' }, 'fail product', 1, /whose +test: by comparison/],
    ['another feature’s', { feature: 'x86-image', is: 'board', clears: true }, 'fail product', 1, /it is not/],
  ]
  for (const [name, more, verdict, exit, says] of CASES)
    it(`says that a failure is ${name}`, () => {
      const log = started()
        .add(0, begins)
        .test('nuc-1', 'x86-image', 'boots')
        .test('nuc-1', 'debug-ssh', 'logs in', fails)
      log.add(0, { ...begins, state: 'end' }).add(0, attributed(more))
      assert.deepEqual(cells(log), ['nuc-1 x86-image: pass ', `nuc-1 debug-ssh: ${verdict}`])
      assert.equal(exitOf(log), exit)
      assert.match(runSummary(fold(log.events, sampleFeatures()), { color: false, width: 120 }), says)
    })
})
