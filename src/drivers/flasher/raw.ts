import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Flasher } from '../../controls/flasher.ts'
import type { Image } from '../../model/image.ts'
import { checkSource, type Source } from './raw/source.ts'
import { lookAt, type Target } from './raw/target.ts'
import { verify } from './raw/verify.ts'
import { writeImage } from './raw/write.ts'

const Options = z.strictObject({})
type Options = z.infer<typeof Options>

/**
 * Writes a raw or zst image byte for byte onto a block device or a file, and reads all of it back.
 *
 * The image is checked before the medium is touched: digest, size, and whether a zst file is whole.
 */
export default defineDriver<Flasher, Options>({
  models: ['loop devices', 'regular files'],
  options: Options,
  open: async (_options, { clock }) => ({
    flash: async job => {
      const startMs = clock.ticksMs()
      const source = await checkSource(job.image, job.signal)
      const target = await lookAt(job.target)
      checkFit(source, target)
      const report = (phase: 'write' | 'verify'): ((doneBytes: number) => void) =>
        throttled(
          doneBytes => job.progress({ phase, doneBytes, totalBytes: total(doneBytes) }),
          () => clock.ticksMs(),
        )
      const total = (doneBytes: number): number => source.rawBytes ?? doneBytes
      const written = await writeImage(source, target, job.signal, report('write'))
      checkContent(job.image, written.sha256)
      job.progress({ phase: 'write', doneBytes: written.bytes, totalBytes: written.bytes })
      const readBackSha256 = await verify(target, written, job.signal, report('verify'))
      job.progress({ phase: 'verify', doneBytes: written.bytes, totalBytes: written.bytes })
      const sums = { writtenBytes: written.bytes, writtenSha256: written.sha256, readBackSha256 }
      return { target: job.target, ...sums, durationMs: clock.ticksMs() - startMs }
    },
  }),
})

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

function throttled(tell: (doneBytes: number) => void, ticksMs: () => number): (doneBytes: number) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return doneBytes => {
    const nowMs = ticksMs()
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return
    lastMs = nowMs
    tell(doneBytes)
  }
}
