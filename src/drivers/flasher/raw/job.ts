import { Fault } from '../../../base/fault.ts'
import type { FlashProof } from '../../../model/event.ts'
import type { Image } from '../../../model/image.ts'
import { checkSource, digestOfSource, type Source } from './source.ts'
import { lookAt, type Target } from './target.ts'
import { verify } from './verify.ts'
import { writeImage } from './write.ts'

/** How far a flash has come. */
export interface FlashProgress {
  readonly phase: 'write' | 'verify'
  readonly doneBytes: number
  readonly totalBytes: number
}

/** Checks an image, writes it, reads it back. Errors: as of its parts; before `writeImage` nothing was written. */
export async function flashImage(
  image: Image,
  path: string,
  progress: (report: FlashProgress) => void,
  signal: AbortSignal,
): Promise<FlashProof> {
  const startMs = performance.now()
  const source = await checkSource(image, signal)
  const target = await lookAt(path)
  checkFit(source, target)
  const report = (phase: FlashProgress['phase']): ((doneBytes: number) => void) =>
    throttled(doneBytes => progress({ phase, doneBytes, totalBytes: source.rawBytes ?? doneBytes }))
  const written = await writeImage(source, target, image.rawSha256, signal, report('write'))
  progress({ phase: 'write', doneBytes: written.bytes, totalBytes: written.bytes })
  const readBackSha256 = await verify(target, written, signal, report('verify')).catch(async (fault: Error) => {
    signal.throwIfAborted()
    // A digest that was promised, not computed while writing: was it the image or the medium that broke the promise?
    if (image.rawSha256 !== undefined) checkContent(image, await digestOfSource(source, signal))
    throw fault
  })
  progress({ phase: 'verify', doneBytes: written.bytes, totalBytes: written.bytes })
  const sums = { writtenBytes: written.bytes, writtenSha256: written.sha256, readBackSha256 }
  return { target: path, ...sums, durationMs: performance.now() - startMs }
}

const PROGRESS_EVERY_MS = 100

function checkFit(source: Source, target: Target): void {
  if (source.rawBytes === undefined || source.rawBytes <= target.sizeBytes) return
  throw new Fault('configuration/image', {
    expected: `${source.path} to fit on ${target.path} (${target.sizeBytes} bytes)`,
    seen: `an image of ${source.rawBytes} bytes; nothing was written`,
    next: 'take a larger medium, or another image',
  })
}

/** A zst file need not carry a checksum: bits flipped inside it decode to something else without a word. */
function checkContent(image: Image, sha256: string): void {
  if (image.rawSha256 === undefined || image.rawSha256 === sha256) return
  throw new Fault('configuration/image', {
    expected: `${image.path} to decode to what its sidecar promises, SHA-256 ${image.rawSha256}`,
    seen: sha256,
    next: 'the medium does not boot now: build or fetch image and sidecar again and flash that',
  })
}

function throttled(tell: (doneBytes: number) => void): (doneBytes: number) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return doneBytes => {
    const nowMs = performance.now()
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return
    lastMs = nowMs
    tell(doneBytes)
  }
}
