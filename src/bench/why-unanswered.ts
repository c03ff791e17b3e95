import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Clock } from '../base/time.ts'
import type { PowerState } from '../controls/power.ts'
import type { Shell } from '../controls/shell.ts'
import { linesBefore } from './deaths/quote.ts'
import type { Network } from './network.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'
import { whyLost, whySilent } from './why-lost.ts'

/** How long whoever gets no answer waits for the reason to show (a panic line, a vanished power) before it is judged. */
const REASON_WAIT_MS = 1500

/** What may have another cause than it seems: the board died, or only its cable. */
const UNANSWERED = new Set<FaultCode>([
  'infrastructure/ssh-lost',
  'infrastructure/ssh-unreachable',
  'infrastructure/console-silent',
])

/** A board that does not answer, and whoever may bear witness. */
export interface Unanswered {
  readonly clock: Clock
  readonly vitals: Vitals
  readonly recording: Recording
  /** Whether its console offers a login. */
  readonly seesLogin: boolean
  readonly guestOverSerial: string | undefined
  /** Gives the connections up that were lost. */
  readonly forget: () => void
  /** Finds out whether a board whose connection was lost started anew meanwhile, which then is its trouble. */
  readonly findReboot: (signal: AbortSignal) => Promise<unknown>
  readonly serial: (signal: AbortSignal) => Promise<Shell>
  readonly isLineAway: () => boolean
  readonly powerState: (signal: AbortSignal) => Promise<PowerState>
  /** Absent: it has no SSH. */
  readonly network: ((signal: AbortSignal) => Promise<Network>) | undefined
}

/** What somebody's fault is really to be blamed on who got no answer; anything else thrown as it is. */
export async function whyUnanswered(thrown: unknown, board: Unanswered): Promise<unknown> {
  if (!(thrown instanceof Fault) || !UNANSWERED.has(thrown.code)) return thrown
  const { clock, vitals, recording, network, powerState, forget } = board
  const { signal } = vitals
  if (thrown.code === 'infrastructure/ssh-lost') forget()
  await clock.sleep(REASON_WAIT_MS, signal).catch(() => undefined)
  if (thrown.code === 'infrastructure/ssh-lost') await board.findReboot(signal).catch(() => undefined)
  if (vitals.trouble) return vitals.trouble
  if (!board.seesLogin) return thrown
  const asked = {
    powerState,
    heardBytes: () => recording.end,
    lastLines: () => linesBefore(recording),
    signal,
    clock,
  }
  if (thrown.code !== 'infrastructure/console-silent') return whyLost(thrown, { ...board, ...asked })
  const answersSsh = network && (async (signal: AbortSignal) => (await network(signal)).answers(signal))
  return whySilent(thrown, { ...asked, answersSsh })
}
