import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Board } from '../bench/load.ts'
import { SampleLog } from '../model/fold-sample.ts'
import { budgetsOf, budgetWords, driftNotes, driftsOf, driftWords, type TimesOf } from './budgets.ts'

const LIMITS = { boot: 180_000, login: 30_000, ssh: 60_000, off: 20_000 }

function board(
  more: { twin?: boolean; console?: boolean; floorsMs?: { boot?: number; login?: number } } = {},
): Parameters<typeof budgetsOf>[0] {
  const { twin = false, console = true, floorsMs } = more
  return {
    name: 'a',
    spec: { twin } as Board['spec'],
    type: { boot: { ...(floorsMs && { floorsMs }) } } as Board['type'],
    wired: (console ? { console: {} } : {}) as Board['wired'],
  }
}

/** Each boot by the console took 21 s, each login 4 s; by SSH twice that. */
const TIMES: TimesOf = async ({ stage, by }) => {
  const ms = (stage === 'boot' ? 21_000 : 4000) * (by === 'ssh' ? 2 : 1)
  return Array.from({ length: 30 }, () => ms)
}

describe('budgets of a board', () => {
  it('lie between half of its limits and these', async () => {
    const { boot, login } = await budgetsOf(board(), LIMITS, TIMES)
    assert.deepEqual([boot.limitMs, login.console.limitMs, login.ssh.limitMs], [90_000, 120_000, 120_000])
    const slow: TimesOf = async () => Array.from({ length: 30 }, () => 500_000)
    assert.equal((await budgetsOf(board(), LIMITS, slow)).boot.limitMs, 180_000)
  })

  it('have a floor of the board’s type, where that knows better', async () =>
    assert.equal((await budgetsOf(board({ floorsMs: { boot: 30_000 } }), LIMITS, TIMES)).boot.limitMs, 42_000))

  it('are of boots that were seen in the same way', async () => {
    const floorsMs = { boot: 30_000 }
    assert.equal((await budgetsOf(board({ floorsMs, console: false }), LIMITS, TIMES)).boot.limitMs, 84_000)
  })

  it('of a twin leave its login alone: only its boot is counted in its own time', async () =>
    assert.deepEqual((await budgetsOf(board({ twin: true }), LIMITS, TIMES)).login, {
      console: { limitMs: 240_000 },
      ssh: { limitMs: 240_000 },
    }))

  it('of a login by SSH hold the whole boot: a slow first one has its time in them too', async () => {
    const floorsMs = { boot: 160_000, login: 10_000 }
    const { login } = await budgetsOf(board({ floorsMs, console: false }), LIMITS, TIMES)
    assert.deepEqual([login.console.limitMs, login.ssh.limitMs], [10_000, 170_000])
    // Without one of its own half of the limit for SSH is added.
    const { ssh } = (await budgetsOf(board({ floorsMs: { boot: 160_000 } }), LIMITS, TIMES)).login
    assert.equal(ssh.limitMs, 190_000)
  })

  it('say by what they were learned', async () => {
    const { boot } = await budgetsOf(board(), LIMITS, TIMES)
    assert.match(
      budgetWords(boot)!,
      /limit of 1 min 30 s was learned from 30 boots, .* took 21 s; at most it is 3 min 00 s/,
    )
    assert.equal(budgetWords({ limitMs: 1 }), undefined)
  })
})

describe('drift', () => {
  it('is told in words', () =>
    assert.equal(
      driftWords({ stage: 'login', nowMs: 38_000, wasMs: 21_000, runs: 30 }),
      'login takes 38 s, was 21 s for 30 runs',
    ))

  it('of a run counts its own boots after those before', async () => {
    const log = new SampleLog()
    for (let n = 0; n < 3; n++)
      log
        .stage('a', 'boot', 21)
        .stage('a', 'login', 9)
        .add(0, { type: 'booted', board: 'a', bootId: null, by: 'console', durationMs: 1 })
    assert.deepEqual(await driftNotes(log.events, TIMES), [
      { board: 'a', text: 'login takes 9.0 s, was 4.0 s for 30 runs' },
    ])
    assert.deepEqual(await driftsOf('a', TIMES), [], 'without them there is none')
  })
})
