import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import type { RecoveryStep } from '../model/event.ts'
import { ladderBudget } from '../model/ladder.ts'
import { climb, type Climb } from './climb.ts'

const BUDGET = ladderBudget({ boot: 1000, login: 1000, ssh: 1000, off: 1000 })
const broken = new Fault('product/no-shell', { expected: 'a shell', seen: 'none' })
const fails = (): Promise<never> => Promise.reject(broken)

async function walk(more: Partial<Climb>): Promise<{ steps: string[]; lost: Fault | undefined; told: RecoveryStep[] }> {
  const told: RecoveryStep[] = []
  const lost = await climb({
    trouble: undefined,
    why: 'a test did not come to its end',
    means: {},
    budget: BUDGET,
    clock: systemClock,
    signal: new AbortController().signal,
    tell: step => told.push(step),
    ...more,
  })
  const steps = told.map(
    ({ rung, state, fault }) => `${rung} ${state === 'begin' ? 'begins' : (fault?.code ?? 'helps')}`,
  )
  return { steps, lost, told }
}

it('stops at the first rung that helps, and tells what each cost', async () => {
  const means = { probe: fails, interrupt: async () => 'boot-1', 'power-cycle': fails }
  const { steps, lost, told } = await walk({ means })
  assert.equal(lost, undefined)
  assert.deepEqual(steps, ['probe begins', 'probe product/no-shell', 'interrupt begins', 'interrupt helps'])
  assert.equal(told.at(-1)!.bootId, 'boot-1')
  assert.ok(told.every(({ state, durationMs }) => (durationMs !== undefined) === (state === 'end')))
})

it('gives back the trouble where nothing helps, and the first failure where there was none', async () => {
  const panic = new Fault('product/panic', { expected: 'a kernel', seen: 'its death' })
  const dead = await walk({ trouble: panic, means: { probe: async () => 'x', 'power-cycle': fails } })
  assert.deepEqual(dead.steps, ['power-cycle begins', 'power-cycle product/no-shell'])
  assert.equal(dead.lost, panic)
  assert.equal((await walk({ means: { probe: fails } })).lost, broken)
})

it('ends a rung that takes too long, even one that does not listen', async () => {
  const budget = ladderBudget({ boot: 1, login: 1, ssh: 1, off: 1 }, { probe: 20 })
  const { steps } = await walk({
    budget,
    letsGoMs: 20,
    means: { probe: () => new Promise(() => undefined), interrupt: async () => 'x' },
  })
  assert.deepEqual(steps, [
    'probe begins',
    'probe infrastructure/console-silent',
    'interrupt begins',
    'interrupt helps',
  ])
})

it('is ended by whoever gives up', async () => {
  const signal = AbortSignal.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'an interrupt' }))
  await assert.rejects(walk({ signal, means: { probe: fails } }), /cancelled\/interrupt/)
})

it('is not left by whoever gives up before the work has put back what it had in hand', async () => {
  const gaveUp = new AbortController()
  let inHand = ''
  const reflash = async (signal: AbortSignal): Promise<never> => {
    inHand = 'the medium'
    gaveUp.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'an interrupt' }))
    await systemClock.sleep(30)
    inHand = ''
    throw signal.reason
  }
  await assert.rejects(walk({ signal: gaveUp.signal, means: { reflash } }), /cancelled\/interrupt/)
  assert.equal(inHand, '')
})
