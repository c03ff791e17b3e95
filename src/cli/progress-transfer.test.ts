import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, type Clock } from '../base/time.ts'
import { openTransfer } from './progress-transfer.ts'

test('a log hears of the end once, and of everything else every ten seconds, whatever is reported', () => {
  let ms = 0
  const clock: Clock = { ...systemClock, nowMs: () => ms, ticksMs: () => ms }
  const lines: string[] = []
  using transfer = openTransfer('plain', clock, text => void lines.push(text))
  for (let mib = 1; mib <= 95; mib++) {
    ms += 100
    transfer.show('writing', mib << 20, mib << 20)
  }
  assert.deepEqual(lines, ['writing  1.0 MiB of 1.0 MiB  100 %\n'])
  for (let mib = 1; mib <= 100; mib++) {
    ms += 100
    transfer.show('reading back', mib << 20, 100 << 20)
  }
  assert.equal(lines.length, 3)
  assert.match(lines[2]!, /^reading back {2}100\.0 MiB of 100\.0 MiB/)
})
