import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { systemClock, type Clock } from '../base/time.ts'
import type { Power } from '../controls/power.ts'
import { Vitals } from './vitals.ts'

test('a board that switched itself off is reported with the last lines it said', async () => {
  const clock: Clock = { ...systemClock, sleep: () => Promise.resolve() }
  await using vitals = new Vitals(clock)
  const power = { stopReason: async () => ({ by: 'guest', detail: 'powered down' }) } as unknown as Power
  await vitals.begin(power, () => ['reboot: Power down'])
  if (!vitals.signal.aborted) await once(vitals.signal, 'abort')
  assert.equal(vitals.trouble?.code, 'product/shutdown')
  assert.deepEqual(vitals.trouble.evidence, ['reboot: Power down'])
})
