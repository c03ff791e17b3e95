import type { Clock } from '../base/time.ts'

/** A serial line: the equipment side. One owner; what it reads goes to the sink for good. */
export interface ConsoleLine extends AsyncDisposable {
  /** What is open, for messages: `/dev/serial/by-id/… at 115200`. */
  readonly device: string
  /** Resolves when the bytes were handed to the line. An abort ends a paced write behind the byte or line it is at. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>
}

/** What a console driver tells. Never called after the line is disposed. */
export interface ConsoleSink {
  data(chunk: Uint8Array): void
  /** Where what comes next may be put, to spare `data` a copy of it; told of in the same turn, or not at all. */
  room?(): Buffer
  /** The adapter vanished; bytes may be lost from here on. The driver goes on trying to reopen it. */
  lost(reason: string): void
  /** The adapter is back. */
  back(): void
  /** Another program reads the line too, so that bytes may be missing from here on; undefined: no longer. */
  robbed(by: string | undefined): void
}

/** A means to reach a serial line: the driver, not yet opened. */
export interface Console {
  open(sink: ConsoleSink, signal: AbortSignal): Promise<ConsoleLine>
}

/** A console as boot edges and the serial shell use it: a recording to query, a line to write. */
export interface ConsolePort {
  /** The time in which is waited for what it says. */
  readonly clock: Clock
  /** The offset behind the last byte recorded. */
  end(): number
  /** Bytes [from, to) of the recording. */
  slice(from: number, to?: number): Buffer
  /** The first match at or after `from`. Errors: `late()` after `limitMs`; the fault of a dead board or a lost tty at once. */
  expect(pattern: RegExp, options: ExpectOptions): Promise<Match>
  write(text: string | Uint8Array): Promise<void>
}

export interface ExpectOptions {
  readonly from: number
  readonly limitMs: number
  readonly late: () => Error | Promise<Error>
  /** Asked when the limit is over: how much longer is to be waited; asked again after that. Absent, or 0: no longer. */
  readonly moreMs?: () => Promise<number>
  readonly signal?: AbortSignal
  /** A match is never longer than this; default 4096. */
  readonly maxBytes?: number
}

export interface Match {
  /** Offsets of the match in the recording. */
  readonly from: number
  readonly to: number
  readonly text: string
  readonly groups: readonly (string | undefined)[]
}
