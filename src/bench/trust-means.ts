import type { Clock } from '../base/time.ts'
import type { Starved } from '../boot/own-time.ts'
import type { PowerState } from '../controls/power.ts'
import type { Shell } from '../controls/shell.ts'
import type { BootLimits } from '../model/board-type.ts'
import type { WayIn } from './boot-signs.ts'
import type { ConsoleFeed } from './console-feed.ts'
import type { BoardListener } from './live-board-options.ts'
import type { Board } from './load.ts'
import type { Recording } from './recording.ts'
import type { Vitals } from './vitals.ts'

/** What it takes of a board to know whether it can be trusted, and to bring it back. */
export interface TrustMeans {
  readonly board: Board
  readonly console: ConsoleFeed | undefined
  readonly recording: Recording
  readonly vitals: Vitals
  readonly clock: Clock
  readonly listener: BoardListener
  readonly starvedMs: Starved
  limitsMs(): BootLimits
  /** Whether a login is offered on the console. */
  seesLogin(): boolean
  /** Whether the image lets anybody in. */
  letsIn(): boolean
  serial(signal: AbortSignal): Promise<Shell>
  ssh(signal: AbortSignal): Promise<Shell>
  /** The ways in that have a connection now. */
  open(): Promise<readonly WayIn[]>
  /** Whether the shell on the console has lost its place. */
  isSerialLost(): Promise<boolean>
  /** Forgets connections; host keys that are pinned stay so. */
  drop(): void
  /** Knocks where nobody is let in. */
  knock(signal: AbortSignal): Promise<unknown>
  powerState(signal: AbortSignal): Promise<PowerState>
  powerOff(signal: AbortSignal): Promise<unknown>
  boot(signal: AbortSignal): Promise<unknown>
  /** Watches over the board anew: what it was in is over. */
  resume(): Promise<void>
}
