import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { NewEvent } from './event.ts'
import { diagnosesIn } from './fold-diagnoses.ts'
import { SampleLog } from './fold-sample.ts'

const fault = new Fault('product/no-boot', { expected: 'a boot', seen: 'none' }).record()

type Step = Extract<NewEvent, { type: 'diagnosis-step' }>
const step = (board: string, more: Partial<Step> = {}): NewEvent => ({
  ...{ type: 'diagnosis-step', board, of: 'image', state: 'end' },
  ...more,
})
const says = (board: string): NewEvent => ({
  ...{ type: 'diagnosis', board, is: 'product', why: 'w', wantsQuarantine: false },
})

function of(...events: NewEvent[]) {
  const log = new SampleLog().test('a', 'f', 't')
  for (const event of events) log.add(0, event)
  return diagnosesIn(log.events)
}

test('each diagnosis has the boots of its board that ended before it, and those since the last one only', () => {
  const other = step('b', { of: 'golden' })
  const found = of(
    ...[step('a', { state: 'begin' }), step('a', { fault }), other, step('a', { of: 'golden', firmware: '1.2' })],
    ...[says('a'), step('a'), says('a'), says('b'), says('c')],
  )
  const told = { is: 'product', why: 'w' }
  assert.deepEqual(found, [
    {
      board: 'a',
      ...told,
      steps: [
        { of: 'image', fault },
        { of: 'golden', firmware: '1.2' },
      ],
    },
    { board: 'a', ...told, steps: [{ of: 'image' }] },
    { board: 'b', ...told, steps: [{ of: 'golden' }] },
    { board: 'c', ...told, steps: [] },
  ])
})

test('where nothing was diagnosed there is none', () => assert.deepEqual(of(step('a')), []))
