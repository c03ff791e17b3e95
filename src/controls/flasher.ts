import type { FlashProof } from '../model/event.ts'
import type { Image } from '../model/image.ts'
import type { Medium } from './media.ts'

/** Writes an image to a boot medium and proves it. */
export interface Flasher {
  /** Errors: `infrastructure/flash-write`, `infrastructure/flash-verify`, `configuration/image` before anything is written. */
  flash(job: FlashJob): Promise<FlashProof>
}

/**
 * How to flash: `full` writes everything, `delta` reads the medium first and writes only what differs, `verify` only
 * compares. The proof at the end is the same for all three.
 */
export type FlashMode = 'full' | 'delta' | 'verify'

/** How far a flash has come, in bytes of the image; while its size is not known, in bytes of the packed file. */
export interface FlashProgress {
  readonly phase: 'write' | 'verify'
  readonly doneBytes: number
  readonly totalBytes: number
}

export interface FlashJob {
  readonly image: Image
  readonly target: Medium
  /** Absent: the flasher's choice, which is `delta` where that pays. */
  readonly mode?: FlashMode
  /** Checks image and medium, says what would be written where (`FlashProof.dryRun`), and leaves the medium alone. */
  readonly dryRun?: boolean
  /** A file for what a flash program says, added to it as it is said. */
  readonly logPath?: string
  readonly signal: AbortSignal
  progress(report: FlashProgress): void
  /** Told right before the medium is first changed: a fault that comes earlier leaves it as it was. */
  begins?(): void
  /** Told what somebody should know although the flash was given up: that something still holds the medium. */
  note?(text: string): void
}
