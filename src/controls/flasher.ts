import type { FlashProof } from '../model/event.ts'
import type { Image } from '../model/image.ts'

/** Writes an image to a boot medium and proves it. */
export interface Flasher {
  /** Errors: `infrastructure/flash-write`, `infrastructure/flash-verify`, `configuration/image` before anything is written. */
  flash(job: FlashJob): Promise<FlashProof>
}

export interface FlashJob {
  readonly image: Image
  /** The medium as this host sees it. */
  readonly target: string
  readonly signal: AbortSignal
  progress(report: { phase: 'write' | 'verify'; doneBytes: number; totalBytes: number }): void
}
