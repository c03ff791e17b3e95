import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { Media } from '../../controls/media.ts'

const Options = z.strictObject({
  path: z.string().min(1),
  /** Size of a medium that does not exist yet. An SD card of a virtual imx8mp needs a power of two. */
  sizeMiB: z.int().min(1).default(512),
})
type Options = z.infer<typeof Options>

/**
 * A file as boot medium, for virtual boards: made when missing, sparse, and never given away.
 *
 * A smaller file than promised (an interrupted flash leaves one) is extended; a larger one is kept.
 */
export default defineDriver<Media, Options>({
  models: ['regular files on ext4, tmpfs'],
  options: Options,
  open: async options => {
    const path = resolve(options.path)
    return {
      toHost: async signal => {
        signal.throwIfAborted()
        await makeMedium(path, options.sizeMiB * 1024 * 1024)
        return { path, kind: 'file' }
      },
      toBoard: async signal => signal.throwIfAborted(),
    }
  },
})

async function makeMedium(path: string, sizeBytes: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true })
    // Appending creates what is missing and changes nothing else.
    await using file = await open(path, 'a')
    const found = await file.stat()
    if (!found.isFile()) throw new Error('it is no regular file')
    if (found.size < sizeBytes) await file.truncate(sizeBytes)
  } catch (cause) {
    throw new Fault('infrastructure/media', {
      expected: `a file ${path} as boot medium`,
      seen: (cause as Error).message,
      next: 'check media.path in the bench file and the rights on its folder',
      cause,
    })
  }
}
