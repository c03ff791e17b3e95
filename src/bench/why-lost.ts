import { Fault } from '../base/fault.ts'
import type { Shell } from '../controls/shell.ts'
import type { PowerState } from '../controls/power.ts'
import { noGuest, whyClosed } from './network.ts'

const QUICK_MS = 5000

export interface LossContext {
  /** Whose connection it was: a guest's that was had over the console, or any over the network. */
  readonly guestOverSerial?: string | undefined
  readonly serial: (signal: AbortSignal) => Promise<Shell>
  readonly powerState: (signal: AbortSignal) => Promise<PowerState>
  readonly signal: AbortSignal
}

/** Finds out by console and power what a lost SSH connection is to be blamed on; `lost` itself where nothing is found. */
export async function whyLost(lost: Fault, { guestOverSerial, serial, ...board }: LossContext): Promise<Fault> {
  const quick = AbortSignal.any([board.signal, AbortSignal.timeout(QUICK_MS)])
  const alive = await serial(quick)
    .then(shell => shell.run(['true'], { limitMs: QUICK_MS, signal: quick }))
    .catch(() => undefined)
  if (alive && guestOverSerial !== undefined) return noGuest(guestOverSerial, lost)
  if (alive) return (await whyClosed(await serial(quick), quick)) ?? lost
  if ((await board.powerState(quick).catch(() => 'unknown')) !== 'on') return lost
  return new Fault('product/hang', {
    expected: 'the board to answer',
    seen: 'SSH was lost and its console is silent, while its power reads on',
  })
}
