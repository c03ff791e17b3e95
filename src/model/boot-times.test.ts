import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootTimes } from './boot-times.ts'
import { SampleLog } from './fold-sample.ts'

const booted = { type: 'booted', board: 'a', bootId: 'x', by: 'console', durationMs: 1 } as const

function said(log: SampleLog): string[] {
  return bootTimes(log.events).map(({ board, stage, by, durationMs }) => `${board} ${stage} by ${by} ${durationMs}`)
}

test('only boots that came to their end have times', () => {
  const begun = { type: 'stage', board: 'a', stage: 'boot', state: 'begin' } as const
  const log = new SampleLog()
    .add(0, begun)
    .add(60, begun)
    .add(12, { ...begun, state: 'end' })
  assert.deepEqual(said(log), [])
  log.stage('a', 'login', 3).stage('b', 'boot', 9).add(0, booted)
  assert.deepEqual(said(log), ['a boot by console 12000', 'a login by console 3000'])
})

test('each boot of a run has its own', () => {
  const log = new SampleLog().stage('a', 'boot', 20).stage('a', 'login', 2).add(0, booted)
  log
    .stage('a', 'boot', 0)
    .stage('a', 'login', 30)
    .add(0, { ...booted, by: 'ssh' })
  assert.deepEqual(said(log), [
    'a boot by console 20000',
    'a login by console 2000',
    'a boot by ssh 0',
    'a login by ssh 30000',
  ])
})

test('a clock that jumped back gives no time', () => {
  const stage = { type: 'stage', board: 'a', stage: 'boot' } as const
  assert.deepEqual(
    said(
      new SampleLog()
        .add(0, { ...stage, state: 'begin' })
        .add(-9, { ...stage, state: 'end' })
        .add(0, booted),
    ),
    [],
  )
})
