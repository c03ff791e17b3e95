import type { LiveBoard } from '../bench/live-board.ts'

/** What is done with a leased board, wherever it is open: in this process, or in an agent's. */
export type Live = Pick<
  LiveBoard,
  | 'limitsMs'
  | 'powerState'
  | 'powerOn'
  | 'powerOff'
  | 'adopt'
  | 'trouble'
  | 'boot'
  | 'flash'
  | 'install'
  | 'removeMedium'
  | 'run'
  | 'trySsh'
  | 'whatRuns'
  | 'readStamps'
  | 'copyFile'
  | 'expectNoConsoleLogin'
> & {
  /** Something where the board has a console. */
  readonly console: object | undefined
  /** Where the board's recording begins for this lease. */
  readonly recording: { readonly begin: number }
}
