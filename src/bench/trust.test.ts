import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { leased, type Leased } from '../sim/lease-test-kit.ts'
import type { Board } from './load.ts'

/** Entered by SSH only. */
function lean({ wired: { console: _none, ...wired }, ...board }: Board): Board {
  return { ...board, wired }
}

const SSH = { by: 'ssh' } as const

/** A board in its first boot, in the middle of a test that waits for a command. What became of that, and of the test. */
async function struck({ lease, image, board, clock, signal }: Leased, strike: () => void): Promise<string[]> {
  const { live } = lease
  await live.flash(image, () => undefined, signal)
  await live.powerOn(signal)
  await live.whatRuns(SSH, '', { limitMs: 60_000, signal })
  await live.trust.beginTest(signal)
  using _strike = clock.after(1000, strike)
  const ended = await live.run(SSH, ['sleep', '20'], { limitMs: 30_000, signal }).then(
    () => 'done',
    ({ code }: Fault) => code,
  )
  assert.ok(board.isOn)
  return [ended, (await live.trust.endTest(signal))?.code ?? 'no trouble']
}

test('a board without a console that reboots by itself is found out in the test in which it did', () =>
  leased(async leased => {
    const reboots = (): void => leased.board.system?.means.reboot()
    assert.deepEqual(await struck(leased, reboots), ['product/rebooted', 'product/rebooted'])
    const [fault] = [leased.lease.live.vitals.trouble]
    assert.match(fault?.evidence.join('\n') ?? '', /^boot id [0-9a-f-]{36} before, [0-9a-f-]{36} now$/)
    assert.equal(await leased.lease.live.trust.beginTest(leased.signal), undefined, 'the next test has a board again')
    assert.deepEqual(leased.struck, [], 'nobody is told twice')
  }, lean))

test('one whose connection was only lost is in no other boot, and that is the network’s', () =>
  leased(async leased => {
    const out = (): void => leased.board.network.strike('network-out', 10_000)
    assert.deepEqual(await struck(leased, out), ['infrastructure/ssh-lost', 'no trouble'])
  }, lean))

test('one that nobody gets into again may be anything: it stays the network’s', () =>
  leased(async leased => {
    const out = (): void => {
      leased.board.network.strike('network-out', 3_000_000)
      leased.board.system?.means.reboot()
    }
    assert.deepEqual(await struck(leased, out), ['infrastructure/ssh-lost', 'no trouble'])
  }, lean))
