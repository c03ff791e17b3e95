import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FaultCode } from '../base/fault-codes.ts'
import { ladderBudget, nextStep, RUNGS, type Rung, type Step, type Tried } from './ladder.ts'

const LIMITS = { boot: 100_000, login: 10_000, ssh: 20_000, off: 5000 }
const ALL = new Set<Rung>(RUNGS)
const HERE = new Set<Rung>(['probe', 'interrupt', 'soft-reboot', 'power-cycle'])

/** Rungs that failed, each after a second. */
const failed = (...rungs: Rung[]): Tried[] =>
  rungs.map(rung => ({ rung, fault: 'infrastructure/console-silent', durationMs: 1000 }))

/** A rung that met something worse. */
const died = (rung: Rung, fault: FaultCode): Tried[] => [{ rung, fault, durationMs: 1000 }]

const helped = (rung: Rung): Tried => ({ rung, fault: null, durationMs: 1000 })

/** What is wrong, what was tried, what there is → what is next. */
const CASES: readonly [
  name: string,
  trouble: FaultCode | null,
  tried: Tried[],
  able: ReadonlySet<Rung>,
  next: Rung | 'trusted' | 'lost',
][] = [
  ['an unclean session only asks first', null, [], ALL, 'probe'],
  ['an answer that is as it was is enough', null, [helped('probe')], ALL, 'trusted'],
  ['what does not answer is interrupted', null, failed('probe'), ALL, 'interrupt'],
  ['then rebooted by its own system', null, failed('probe', 'interrupt'), ALL, 'soft-reboot'],
  ['then by its power', null, failed('probe', 'interrupt', 'soft-reboot'), ALL, 'power-cycle'],
  ['then it gets its image again', null, failed('probe', 'power-cycle'), ALL, 'reflash'],
  ['then one that is known to be good', 'product/panic', failed('power-cycle', 'reflash'), ALL, 'golden'],
  ['then nobody gets it', 'product/panic', failed('power-cycle', 'reflash', 'golden'), ALL, 'quarantine'],
  ['and that is the end', null, failed(...RUNGS), ALL, 'lost'],
  [
    'a rung that helped ends it, whatever failed before',
    null,
    [...failed('probe'), helped('interrupt')],
    ALL,
    'trusted',
  ],
  ['a dead kernel is asked nothing', 'product/panic', [], ALL, 'power-cycle'],
  ['nor one that switched itself off', 'product/shutdown', [], ALL, 'power-cycle'],
  ['nor one that hangs', 'product/hang', [], ALL, 'power-cycle'],
  ['a board without power needs its power', 'infrastructure/board-gone', [], ALL, 'power-cycle'],
  ['one that rebooted by itself comes up by itself', 'product/rebooted', [], ALL, 'probe'],
  ['a console that was away may be back, the board untouched', 'infrastructure/tty-gone', [], ALL, 'probe'],
  [
    'what cannot be done is passed over',
    null,
    failed('probe', 'interrupt'),
    new Set(['probe', 'power-cycle']),
    'power-cycle',
  ],
  ['a dead board without power control is lost', 'product/panic', [], new Set(['probe', 'interrupt']), 'lost'],
  ['the last rung there is was the last', 'product/panic', failed('power-cycle'), HERE, 'lost'],
  [
    'one that then does not come up is asked nothing more',
    'product/rebooted',
    died('probe', 'product/no-boot'),
    ALL,
    'power-cycle',
  ],
  ['nor one that dies while it is asked', null, died('interrupt', 'product/panic'), ALL, 'power-cycle'],
  ['what died by its power cycle is flashed', null, died('power-cycle', 'product/no-boot'), ALL, 'reflash'],
  [
    'a server that is gone is not brought back by Ctrl-C',
    null,
    died('probe', 'product/ssh-closed'),
    ALL,
    'soft-reboot',
  ],
  ['a cable that is out is put back by no reflash', null, died('probe', 'infrastructure/tty-gone'), ALL, 'lost'],
  ['nor is a relay that does not switch', 'product/panic', died('power-cycle', 'infrastructure/power'), ALL, 'lost'],
  ['a console that somebody took is theirs', 'lease/console-taken', [], ALL, 'lost'],
  ['a full disk of this host is no matter of the board', 'infrastructure/disk-full', [], ALL, 'lost'],
  ['nor is an interrupt', 'cancelled/interrupt', [], ALL, 'lost'],
]

for (const [name, trouble, tried, able, next] of CASES)
  test(name, () => {
    const step = nextStep({ trouble, tried, able, budget: ladderBudget(LIMITS) })
    assert.equal(nameOf(step), next)
  })

test('each rung has the time that the board type gives it, or its own', () => {
  const { rungs } = ladderBudget(LIMITS, { probe: 3000 })
  assert.equal(rungs.probe, 3000)
  assert.equal(rungs['soft-reboot'], 130_000)
  assert.equal(rungs['power-cycle'], 140_000)
})

test('a board that rebooted by itself has the time of a boot to come up', () => {
  const budget = ladderBudget(LIMITS)
  const limits = (['product/rebooted', null] as const).map(trouble => {
    const step = nextStep({ trouble, tried: [], able: ALL, budget })
    return step.do === 'climb' ? step.limitMs : 0
  })
  assert.deepEqual(limits, [130_000, 10_000])
})

test('a rung that does not fit into the budget is not begun, and says so', () => {
  const budget = ladderBudget(LIMITS, { whole: 150_000 })
  const tried: Tried[] = [{ rung: 'soft-reboot', fault: 'product/no-login', durationMs: 130_000 }]
  const step = nextStep({ trouble: null, tried, able: ALL, budget })
  assert.deepEqual(step, {
    do: 'lost',
    why: 'power-cycle may take 140 s, and of 150 s only 20 s are left',
  })
  const first = nextStep({ trouble: 'product/panic', tried: [], able: ALL, budget: ladderBudget(LIMITS, { whole: 1 }) })
  assert.equal(nameOf(first), 'power-cycle', 'the first is always tried')
})

function nameOf(step: Step): string {
  return step.do === 'climb' ? step.rung : step.do
}
