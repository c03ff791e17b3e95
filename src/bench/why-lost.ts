import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Shell } from '../controls/shell.ts'
import type { PowerState } from '../controls/power.ts'
import { judgeLost } from '../model/judge-lost.ts'
import { noGuest, whyClosed } from './network.ts'

/** For each question: one that takes too long must leave time for the next. */
const QUICK_MS = 5000

interface BoardAtFault {
  readonly powerState: (signal: AbortSignal) => Promise<PowerState>
  /** How much its console has said so far: a board that says something does not hang. */
  readonly heardBytes: () => number
  /** The last lines it said. */
  readonly lastLines: () => readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface LossContext extends BoardAtFault {
  /** Whose connection it was: a guest's that was had over the console, or any over the network. */
  readonly guestOverSerial?: string | undefined
  readonly serial: (signal: AbortSignal) => Promise<Shell>
  /** Whether the adapter of the console is away from this host. */
  readonly isLineAway: () => boolean
}

/** Finds out by console and power what a lost SSH connection is to be blamed on; `lost` itself where nothing is found. */
export async function whyLost(
  lost: Fault,
  { guestOverSerial, serial, isLineAway, heardBytes, ...board }: LossContext,
): Promise<Fault> {
  const asking = quickly(board)
  const heard = heardBytes()
  const shell = await serial(asking).catch(() => undefined)
  const answer = await shell?.run(['true'], { limitMs: QUICK_MS, signal: asking }).catch(() => undefined)
  const console = answer ? 'answers' : isLineAway() ? 'away' : heardBytes() > heard ? 'garbled' : 'silent'
  const isGuestOverSerial = guestOverSerial !== undefined
  const closed = answer && !isGuestOverSerial ? await whyClosed(shell!, quickly(board)) : undefined
  const power =
    console === 'silent' ? await board.powerState(quickly(board)).catch(() => 'unknown' as const) : 'unknown'
  switch (judgeLost({ console, power, isGuestOverSerial, ...(closed && { listens: false }) })) {
    case 'product/no-guest':
      return noGuest(guestOverSerial!, lost)
    case 'product/ssh-closed':
      return closed!
    case 'product/hang':
      return hang('SSH was lost and its console is silent, while its power reads on', board.lastLines())
    case undefined:
      return lost
  }
}

export interface SilenceContext extends BoardAtFault {
  /** Whether anybody answers at the board's address; absent: it has no network that could bear witness. */
  readonly answersSsh: ((signal: AbortSignal) => Promise<boolean>) | undefined
}

/**
 * The same for a console that answers nothing: a board that SSH reaches has a bad cable; one that SSH does not reach
 * either, while its power reads on, hangs. `silent` itself where nobody bears witness.
 */
export async function whySilent(silent: Fault, { answersSsh, heardBytes, ...board }: SilenceContext): Promise<Fault> {
  if (!answersSsh) return silent
  const heard = heardBytes()
  if (await answersSsh(quickly(board)).catch(() => false)) return silent
  if (heardBytes() > heard) return silent
  const power = await board.powerState(quickly(board)).catch(() => 'unknown' as const)
  if (power !== 'on') return silent
  return hang('neither its console nor SSH answers, while its power reads on', board.lastLines())
}

function quickly({ signal, clock }: Pick<BoardAtFault, 'signal' | 'clock'>): AbortSignal {
  return AbortSignal.any([signal, clock.timeout(QUICK_MS)])
}

function hang(seen: string, evidence: readonly string[]): Fault {
  return new Fault('product/hang', { expected: 'the board to answer', seen, evidence })
}
