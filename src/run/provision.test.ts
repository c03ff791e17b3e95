import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import type { Board } from '../bench/load.ts'
import { leased, type Leased } from '../sim/lease-test-kit.ts'
import type { Budgets } from './budgets.ts'
import { bootAndProve } from './provision.ts'

const DAY_MS = 86_400_000

/** Entered by SSH only. */
function lean({ wired: { console: _none, ...wired }, ...board }: Board): Board {
  return { ...board, wired }
}

/** What was learned: 20 s for every wait. */
const learned = { limitMs: 20_000, learned: { p99Ms: 10_000, runs: 30, ceilingMs: 240_000 } }
const budgets: Budgets = { boot: learned, login: { console: learned, ssh: learned } }

/** How a boot goes wrong that has so much time: by what code, after how long, and what was said of the wait. */
async function fails(leased: Leased, variant: 'debug' | 'release', its?: Budgets): Promise<[string, number, string[]]> {
  const { lease, clock, signal } = leased
  const startMs = clock.ticksMs()
  const notes: string[] = []
  const emit = (event: { type: string; text?: string }): void => {
    if (event.type === 'note') notes.push(event.text ?? '')
  }
  const boot = bootAndProve(lease, variant, { clock, emit, signal, budgets: Promise.resolve(its) })
  const fault = await boot.then(
    () => assert.fail('it came up'),
    (error: Fault) => error,
  )
  return [fault.code, Math.round((clock.ticksMs() - startMs) / 5000) * 5, notes]
}

const WORDS =
  'the limit of 20 s was learned from 30 boots, the slowest of a hundred took 10 s; at most it is 4 min 00 s'

for (const variant of ['debug', 'release'] as const)
  test(`a ${variant} image that is waited for by SSH has the time that was learned, and the wait is explained`, () =>
    leased(async leased => {
      leased.board.network.strike('network-out', DAY_MS)
      assert.deepEqual(await fails(leased, variant, budgets), ['infrastructure/ssh-unreachable', 20, [WORDS]])
      assert.deepEqual(await fails(leased, variant), ['infrastructure/ssh-unreachable', 240, []])
    }, lean))

test('a login on the console has it too', () =>
  leased(async leased => {
    const { lease, image, board, clock, signal } = leased
    await lease.live.flash(image, () => undefined, signal)
    // From its login prompt on it hears nothing.
    const { say } = board.cable
    board.cable.say = text => {
      say.call(board.cable, text)
      if (text.includes('login: ')) board.cable.toBoard = () => undefined
    }
    const short: Budgets = {
      boot: { limitMs: 180_000 },
      login: { console: { ...learned, limitMs: 5000 }, ssh: learned },
    }
    const startMs = clock.ticksMs()
    const [code, , notes] = await fails(leased, 'debug', short)
    const tookMs = clock.ticksMs() - startMs
    assert.deepEqual([code, notes.length], ['infrastructure/console-silent', 1])
    assert.ok(tookMs < 25_000, `${tookMs} ms`)
  }))
