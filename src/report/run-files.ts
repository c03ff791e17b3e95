import type { ConsoleSlice } from '../model/event.ts'

/** The files of a run, for a report that quotes from them. Who has none gives none: the report then only links. */
export interface RunFiles {
  /** The end of a slice of a board's console, at most `maxBytes`. Undefined: it was not recorded. */
  console(board: string, slice: ConsoleSlice, maxBytes: number): ConsoleBytes | undefined
  /** What a board's console said in a span of time, ms since the epoch: the end of it, at most `maxBytes`. */
  consoleBetween(board: string, fromMs: number, toMs: number, maxBytes: number): ConsoleBytes | undefined
  /** A whole file, by its path in the run's folder. Undefined: it is not there, or larger. */
  read(path: string, maxBytes: number): Buffer | undefined
}

/** Console bytes with their arrivals. */
export interface ConsoleBytes {
  /** Where they stand in the run's copy. */
  readonly from: number
  readonly bytes: Uint8Array
  /** Bytes in front of them that were asked for too. */
  readonly leftOutBytes: number
  /** Positions in `bytes` and times, ascending: what follows a position arrived then. Empty: times are not known. */
  readonly arrivals: readonly (readonly [position: number, atMs: number])[]
}
