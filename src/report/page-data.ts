import type { Verdict } from '../model/verdict.ts'

/** What a report page's script gets to know at once: JSON in the page. Every text in it is fit to be shown as it is. */
export interface PageData {
  readonly run: string
  readonly features: readonly { readonly id: string; readonly title: string }[]
  readonly boards: readonly PageBoard[]
  readonly images: readonly PageImage[]
  readonly cells: readonly PageCell[]
}

export interface PageBoard {
  readonly name: string
  readonly type: string
  readonly twin: boolean
  readonly flash: string
  readonly hostKey: string | null
  /** Where the whole recording is, relative to the page. */
  readonly recording?: string
  /** The chunk with what its console said from power-on to the login. */
  readonly boot?: number
}

export interface PageImage {
  readonly sha256: string | null
  readonly name: string | null
  readonly commit: string | null
  readonly variant: string | null
  readonly line: string | null
}

/** What went wrong, in the four words that lead on. */
export interface Problem {
  /** `product/no-guest`, or the class alone. */
  readonly code: string
  /** `the product’s fault`, in these words. */
  readonly whose: string
  readonly expected: string
  readonly seen: string
  readonly next: string
  readonly evidence: readonly string[]
}

export interface PageCell {
  /** Indexes into the lists above. */
  readonly feature: number
  readonly board: number
  readonly image: number
  readonly verdict: Verdict
  readonly blame?: string
  readonly problem?: Problem
  readonly blockedBy?: string
  readonly reason?: string
  /** The command line that tries it again. */
  readonly again?: string
  readonly tests: readonly PageTest[]
}

export interface PageTest {
  readonly title: string
  readonly verdict: Verdict
  readonly durationMs: number
  readonly attempt?: number
  readonly problem?: Problem
  readonly reason?: string
  readonly lines?: readonly string[]
  /** Bytes of the run's copy of the console. */
  readonly bytes?: readonly [from: number, to: number]
  /** The chunk with the rest, read only when somebody looks. */
  readonly chunk?: number
}

/** A chunk of the page: what one test did and left. */
export interface TestChunk {
  readonly startedAtMs?: number
  readonly acts: readonly Act[]
  readonly console?: ConsoleExcerpt
  readonly files: readonly PageFile[]
  /** What of it is left out of the page, in words. */
  readonly leftOut: readonly string[]
}

/** One step or command of a test. */
export interface Act {
  /** Ms since the test began. */
  readonly atMs: number
  readonly durationMs: number
  readonly depth: number
  readonly title: string
  /** Present: a command, and where it ran. */
  readonly shell?: string
  readonly where?: string
  readonly error?: string
  readonly exitCode?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly cutChars?: number
}

/** A part of a console recording, as lines with their times. */
export interface ConsoleExcerpt {
  /** Bytes of the run's copy. */
  readonly from: number
  readonly to: number
  /** Bytes in front of it that belong to it and are not in the page. */
  readonly leftOutBytes: number
  /** Ms since the epoch and text; a time is null where none was recorded. */
  readonly lines: readonly (readonly [atMs: number | null, text: string])[]
}

export interface PageFile {
  readonly name: string
  readonly contentType: string
  readonly sizeBytes: number
  /** Relative to the page. */
  readonly path: string
  /** Present: it is in the page. */
  readonly base64?: string
  readonly text?: string
}
