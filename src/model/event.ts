import type { FaultRecord } from '../base/fault.ts'
import type { FaultClass } from '../base/fault-codes.ts'
import type { Whose } from './attribution.ts'
import type { Reruns } from './cell.ts'
import type { BootTry, DiagnosisResult } from './diagnosis.ts'
import type { Image, Variant } from './image.ts'
import type { BootProof, FlashedMedium } from './running.ts'
import type { Rung } from './ladder.ts'
import type { Verdict } from './verdict.ts'

/** Where a run stands with one board, in order. */
export const STAGES = ['lease', 'image', 'flash', 'boot', 'login', 'test', 'release'] as const
export type Stage = (typeof STAGES)[number]

/** A board as a run sees it. */
export interface PlannedBoard {
  readonly board: string
  readonly type: string
  /** A virtual board: its evidence never turns a hardware row. */
  readonly twin: boolean
  readonly image: Image | null
  readonly features: readonly string[]
  /** The image variants it is tested with; absent in logs from before this was told. */
  readonly variants?: readonly Variant[]
}

/** What a flasher wrote and proved. There is no proof of a medium that differs: that flash is a fault. */
export interface FlashProof {
  /** The medium, as the device it was found to be. */
  readonly target: string
  /** `delta`: only what differed was written. `verify`: nothing was. */
  readonly mode: 'full' | 'delta' | 'verify'
  /** Nothing was written or compared: this is what would be. */
  readonly dryRun?: true
  /** Size of the image on the medium. */
  readonly imageBytes: number
  /** How much was written, zeros over old data included. */
  readonly writtenBytes: number
  /** How much was read from the medium and found equal, byte by byte; the rest are zeros: see `sampledBytes`, or holes of a new file. */
  readonly readBackBytes: number
  /** Zeros that the disk said it made itself: a block of each MiB of them was read. Absent: none. */
  readonly sampledBytes?: number
  /** The disk that was written, as this host tells it from every other since it was booted; absent for a file. */
  readonly disk?: string
  /** SHA-256 of the image on the medium, where the image promises one: it is that. */
  readonly rawSha256?: string
  /** By what the board's view of this medium is told from its other disks. */
  readonly medium?: FlashedMedium
  readonly durationMs: number
}

/** How the host's SSH identity came to be believed. */
export interface HostKeyTrust {
  readonly how: 'console' | 'first-use' | 'internal-network'
  readonly host: string
  /** `SHA256:…` as OpenSSH prints it. */
  readonly fingerprint: string
}

/** A slice of a board's console recording, as offsets that are the board's for life; see the event `recording`. */
export interface ConsoleSlice {
  readonly from: number
  readonly to: number
}

/** One test on one board, judged. */
export interface TestResult {
  readonly feature: string
  readonly title: string
  readonly verdict: Verdict
  readonly durationMs: number
  /** Whose fault a non-pass is. */
  readonly blame?: FaultClass
  readonly fault?: FaultRecord
  /** Why it was skipped. */
  readonly reason?: string
  readonly slice?: ConsoleSlice
  /** The console lines around the failure, readable, at most 20. */
  readonly consoleLines?: readonly string[]
  readonly attempt: number
  /** Of a skip: the check is required, and this bench lacks what it needs. */
  readonly untested?: true
  /** The image does not have the feature; of a feature declared integrated that is a fail. */
  readonly absent?: true
  /** 1, 2: run again to see whether a finding repeats. It says more about the first result and never replaces it. */
  readonly rerun?: number
  /** The ticket of the open known issue that this failure is. */
  readonly known?: string
  /** How many tests of its feature were still to come; absent in logs from before this was kept. */
  readonly left?: number
  /** When it began, in ms since the epoch; absent in logs from before this was kept, as are the next two. */
  readonly startedAtMs?: number
  /** What it did, as far as the suite tells, in order of beginning; at most 200. */
  readonly steps?: readonly TestStep[]
  /** What it left: attachments, and under the name `COMMANDS` the commands it ran. At most 50. */
  readonly files?: readonly TestFile[]
}

/** One expectation or named step of a test. */
export interface TestStep {
  readonly title: string
  /** Ms since the test began. */
  readonly atMs: number
  readonly durationMs: number
  /** How many steps it is part of. */
  readonly depth: number
  /** `suite:line`. */
  readonly where?: string
  /** The first line of why it failed. */
  readonly error?: string
}

/** A file of a run. */
export interface TestFile {
  readonly name: string
  readonly contentType: string
  /** Relative to the run's folder. */
  readonly path: string
  readonly sizeBytes: number
}

/** A rung of the way back to a board that can be trusted: begun, or over with what it cost and whether it helped. */
export interface RecoveryStep {
  readonly rung: Rung
  readonly state: 'begin' | 'end'
  /** Why the board is not trusted. */
  readonly why: string
  /** What the board is in; absent: a session ended uncleanly, and nobody knows of anything. */
  readonly trouble?: FaultRecord
  /** At its end. */
  readonly durationMs?: number
  /** At its end: why it did not help; absent: the board is trusted again. */
  readonly fault?: FaultRecord
  /** The boot that is trusted from here on. */
  readonly bootId?: string
}

/** A reboot that a test asked for. */
export interface Rebooted {
  /** `hard`: by its power. */
  readonly how: 'soft' | 'hard'
  readonly bootId: string
  readonly durationMs: number
}

interface RunEvents {
  'run-started': {
    run: string
    version: string
    /** The command line's words, for the reader. */
    command: readonly string[]
    bench: string
    boards: readonly PlannedBoard[]
    /** Only tests whose title matches ran. */
    grep?: string
    /** Boards or features asked for that cannot be had here, with the reason. */
    left: readonly { what: string; why: string }[]
  }
  stage: { board: string; stage: Stage; state: 'begin' | 'end'; note?: string }
  progress: { board: string; stage: Stage; done: number; total: number; unit: string }
  flashed: { board: string; proof: FlashProof; image: Image }
  /** What a builder builds from: it stands where other boards have an image. */
  source: { board: string; image: Image }
  booted: {
    board: string
    bootId: string | null
    by: 'console' | 'ssh'
    /** What was found to run, and from which disk; absent where nobody may look (a release image). */
    proof?: BootProof
    durationMs: number
  }
  /** The board's console is recorded: `<board>/console.log` of this run begins at this offset of it. */
  recording: { board: string; from: number }
  trusted: { board: string; trust: HostKeyTrust }
  test: { board: string; result: TestResult }
  /** A fault outside any test. With `feature`s it could have told something about, they are missed or failed by it. */
  fault: {
    board: string | null
    fault: FaultRecord
    blame: FaultClass
    stage?: Stage
    /** Whoever looked again on the same board and image. */
    reruns?: Reruns
    /** The ticket of the open known issue that this is. */
    known?: string
  }
  /** A board that was not planned joins the run, to say more about what another one found. */
  joined: { board: string; planned: PlannedBoard; insteadOf: string; why: string }
  /** Another boot of a board that did not boot its image: of that image again, or of the golden one. */
  'diagnosis-step': {
    board: string
    of: BootTry['of']
    state: 'begin' | 'end'
    /** At the end; absent: it booted. */
    fault?: FaultRecord
    firmware?: string
    durationMs?: number
  }
  /** A test that failed, run with the golden image: it says nothing of the image under test by itself. */
  compared: { board: string; result: TestResult }
  /** Whose a failed feature was found to be, by comparison; `clears`: not the product's. */
  attributed: { board: string; feature: string; is: Whose; why: string; clears: boolean }
  /** What the boots of a diagnosis amount to. */
  diagnosis: {
    board: string
    is: DiagnosisResult
    why: string
    /** Nobody should rely on the board before a health check passes. */
    wantsQuarantine: boolean
    reruns?: Reruns
  }
  /** The board is brought back to where it can be trusted. Never changes a verdict. */
  recovery: { board: string } & RecoveryStep
  rebooted: { board: string } & Rebooted
  /** Something worth knowing that is nobody's fault: power-off could not be verified, a kernel WARNING. */
  note: { board: string | null; text: string }
  'run-ended': { exitCode: number; durationMs: number }
}

export type EventType = keyof RunEvents
/** One immutable line of `run.jsonl`. `at`: ISO time. */
export type RunEvent = {
  [T in EventType]: { readonly at: string; readonly type: T } & Readonly<RunEvents[T]>
}[EventType]
export type EventOf<T extends EventType> = Extract<RunEvent, { type: T }>
/** An event before it got its time. */
export type NewEvent = { [T in EventType]: { readonly type: T } & Readonly<RunEvents[T]> }[EventType]
