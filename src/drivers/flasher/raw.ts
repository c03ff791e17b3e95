import { z } from 'zod'
import { defineDriver } from '../../controls/driver.ts'
import type { FlashJob, Flasher } from '../../controls/flasher.ts'
import { wasInspected } from '../../image/inspected.ts'
import type { FlashProof } from '../../model/event.ts'
import { flashInChild } from './raw/child.ts'
import { isPromiseProven, rememberProof } from './raw/proven-promise.ts'

const Options = z.strictObject({})
type Options = z.infer<typeof Options>

/**
 * Writes an image byte for byte onto a disk or a file, and reads back and compares all of it, zeros too; only the holes of
 * a file that was emptied just now need no look.
 *
 * Image and medium are checked before anything is written. Each flash has a process of its own: decoding is work for a
 * whole core, several boards are flashed at once, and a disk that hangs must not hang this process.
 */
export default defineDriver<Flasher, Options>({
  models: ['loop devices', 'regular files'],
  options: Options,
  open: async (_, { stateDir }) => ({ flash: job => flash(job, stateDir) }),
})

async function flash(job: FlashJob, stateDir: string): Promise<FlashProof> {
  const { image, target, mode, dryRun = false, signal } = job
  signal.throwIfAborted()
  const mustHash = image.rawSha256 !== undefined && !isPromiseProven(stateDir, image)
  const inspected = await wasInspected(image)
  signal.throwIfAborted()
  const proof = await flashInChild({ image, target, mode, dryRun, mustHash, inspected }, job)
  if (mustHash && !dryRun) rememberProof(stateDir, image)
  return proof
}
