import type { Clock } from '../base/time.ts'
import type { Power, PowerState } from '../controls/power.ts'

const POLL_MS = 250

/** Reads the power until it is no longer on: equipment may lag behind what it was told. */
export async function readOff(power: Power, limitMs: number, clock: Clock, signal: AbortSignal): Promise<PowerState> {
  const until = clock.ticksMs() + limitMs
  for (;;) {
    const state = await power.state(signal)
    if (state !== 'on' || clock.ticksMs() >= until) return state
    await clock.sleep(POLL_MS, signal)
  }
}
