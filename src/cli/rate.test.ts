import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../base/time.ts'
import { openTransfer } from './progress-transfer.ts'
import { Rate } from './rate.ts'

const MIB = 1 << 20

/** A clock that is turned by hand. */
function handClock(): Clock & { nowMs: () => number; turn: (ms: number) => void } {
  let at = 0
  return { ...systemClock, nowMs: () => at, ticksMs: () => at, turn: ms => void (at += ms) }
}

test('a rate is that of the last seconds, and says when all will be there', () => {
  const clock = handClock()
  const rate = new Rate(clock)
  rate.add(0)
  assert.equal(rate.line(0, 100 * MIB), '0 B of 100.0 MiB  0 %')
  // A cache takes 40 MiB at once; then the medium takes 2 MiB a second.
  clock.turn(1000)
  rate.add(40 * MIB)
  for (let n = 1; n <= 10; n++) {
    clock.turn(1000)
    rate.add((40 + 2 * n) * MIB)
  }
  assert.equal(rate.bytesPerSecond, 2 * MIB)
  assert.equal(rate.line(60 * MIB, 100 * MIB), '60.0 MiB of 100.0 MiB  60 %  2.0 MiB/s  ~20 s left')
  assert.equal(rate.line(60 * MIB, undefined), '60.0 MiB  2.0 MiB/s')
  rate.add(0)
  assert.equal(rate.bytesPerSecond, undefined, 'begun again')
})

test('a log gets a line when work begins, every ten seconds, and at the end; a terminal one line redrawn', () => {
  const clock = handClock()
  for (const how of ['plain', 'live'] as const) {
    let text = ''
    const transfer = openTransfer(how, clock, more => (text += more))
    for (let n = 0; n <= 250; n++) {
      transfer.show('writing', n * MIB, 250 * MIB)
      clock.turn(100)
    }
    transfer.note('a note')
    transfer[Symbol.dispose]()
    if (how === 'plain') {
      assert.equal(text.split('\n').length - 1, 5, text)
      assert.match(text, /^writing {2}0 B of 250\.0 MiB {2}0 %\nwriting {2}100\.0 MiB .* 10\.0 MiB\/s {2}~15 s left\n/)
    } else {
      assert.equal(text.split('\n').length - 1, 1, 'only the note')
      assert.match(text, /\r\u001b\[Ka note\n$/)
    }
  }
})
