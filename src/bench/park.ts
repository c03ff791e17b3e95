import { asFault } from '../base/fault.ts'
import type { LiveBoardOptions } from './live-board-options.ts'

/** Switches a board off for good. One that stays on is told, after a second try: nobody else is there to do it. Never throws. */
export async function parkBoard(
  powerOff: (signal: AbortSignal) => Promise<unknown>,
  limitMs: number,
  { listener, clock }: Pick<LiveBoardOptions, 'listener' | 'clock'>,
): Promise<void> {
  const off = (): Promise<unknown> => powerOff(clock.timeout(limitMs))
  try {
    await off().catch(off)
  } catch (error) {
    listener.fault(asFault(error, 'infrastructure/power'))
  }
}
