import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Shell } from '../controls/shell.ts'
import type { PowerState } from '../controls/power.ts'
import { judgeLost } from '../model/judge-lost.ts'
import { noGuest, whyClosed } from './network.ts'

const QUICK_MS = 5000

export interface LossContext {
  /** Whose connection it was: a guest's that was had over the console, or any over the network. */
  readonly guestOverSerial?: string | undefined
  readonly serial: (signal: AbortSignal) => Promise<Shell>
  /** Whether the adapter of the console is away from this host. */
  readonly isLineAway: () => boolean
  readonly powerState: (signal: AbortSignal) => Promise<PowerState>
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** Finds out by console and power what a lost SSH connection is to be blamed on; `lost` itself where nothing is found. */
export async function whyLost(
  lost: Fault,
  { guestOverSerial, serial, isLineAway, ...board }: LossContext,
): Promise<Fault> {
  const quick = AbortSignal.any([board.signal, board.clock.timeout(QUICK_MS)])
  const shell = await serial(quick).catch(() => undefined)
  const answer = await shell?.run(['true'], { limitMs: QUICK_MS, signal: quick }).catch(() => undefined)
  const console = answer ? 'answers' : isLineAway() ? 'away' : 'silent'
  const isGuestOverSerial = guestOverSerial !== undefined
  const closed = answer && !isGuestOverSerial ? await whyClosed(shell!, quick) : undefined
  const power = console === 'silent' ? await board.powerState(quick).catch(() => 'unknown' as const) : 'unknown'
  switch (judgeLost({ console, power, isGuestOverSerial, ...(closed && { listens: false }) })) {
    case 'product/no-guest':
      return noGuest(guestOverSerial!, lost)
    case 'product/ssh-closed':
      return closed!
    case 'product/hang':
      return new Fault('product/hang', {
        expected: 'the board to answer',
        seen: 'SSH was lost and its console is silent, while its power reads on',
      })
    case undefined:
      return lost
  }
}
