import type { z } from 'zod'
import type { Log } from '../base/log.ts'
import type { Clock } from '../base/time.ts'
import type { BoardType } from '../model/board-type.ts'
import type { Console } from './console.ts'
import type { Flasher } from './flasher.ts'
import type { Media } from './media.ts'
import type { Power } from './power.ts'
import type { Connector } from './shell.ts'

/** The means of acting on a board, by the name they have in a bench file. */
export interface Controls {
  power: Power
  console: Console
  media: Media
  flasher: Flasher
  shell: Connector
}
export type ControlName = keyof Controls

/**
 * Code for one kind of equipment: the default export of `drivers/<control>/<name>.ts`, found by that path.
 *
 * `options` checks the driver's words in a bench file, so that a mistake has a line. `missing` says what this host
 * lacks for it, before any board is touched.
 */
export interface Driver<C, O = unknown> {
  /** Equipment it was tested with. */
  readonly models: readonly string[]
  readonly options: z.ZodType<O>
  missing?(options: O): Promise<string | undefined>
  /** A flasher that takes an image in parts (`Image.parts`). */
  readonly takesParts?: true
  /** It works over another driver of the same control, which the bench file names as `over`. */
  readonly wraps?: true
  /** `over`: the driver it wraps, ready to be opened. */
  open(options: O, context: DriverContext, over?: C): Promise<C>
}

export interface DriverContext {
  readonly board: string
  /** Facts about boards of its kind, such as how one shows in recovery mode. */
  readonly type: BoardType
  /** A folder of this board on this host that outlives the process, for sockets and logs of equipment. */
  readonly stateDir: string
  readonly log: Log
  readonly clock: Clock
}

/** Names a driver's types without repeating them. */
export function defineDriver<C, O>(driver: Driver<C, O>): Driver<C, O> {
  return driver
}
