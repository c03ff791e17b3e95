import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { Image, Variant } from '../model/image.ts'

const ZSTD_MAGIC = 0xfd2fb528

/** What may stand in the file beside an image, `<image>.json`. */
const Sidecar = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  commit: z.string().optional(),
  sha256: z.string().optional(),
  rawSha256: z.string().optional(),
  rawSizeBytes: z.number().optional(),
})

/**
 * Looks at an image file before any board is touched: it exists, what it is by its first bytes, its digest.
 *
 * Errors: `configuration/image` when missing, empty, or other than its sidecar says.
 */
export async function inspectImage(path: string, variant: Variant, signal: AbortSignal): Promise<Image> {
  const sizeBytes = await sizeOf(path)
  const sidecar = readSidecar(path)
  const sha256 = await digest(path, signal)
  if (sidecar.sha256 !== undefined && sidecar.sha256 !== sha256)
    throw new Fault('configuration/image', {
      expected: `${path} to have the digest ${sidecar.sha256} that ${path}.json names`,
      seen: sha256,
      next: 'fetch or build the image again: it is damaged, truncated, or not the one described',
    })
  const { name, version, commit, rawSha256, rawSizeBytes } = sidecar
  return {
    path,
    variant,
    format: (await magic(path)) === ZSTD_MAGIC ? 'zst' : 'raw',
    sha256,
    sizeBytes,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(commit !== undefined && { commit }),
    ...(rawSha256 !== undefined && { rawSha256 }),
    ...(rawSizeBytes !== undefined && { rawSizeBytes }),
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    const { size } = await stat(path)
    if (size > 0) return size
  } catch (cause) {
    throw new Fault('configuration/image', { expected: `an image ${path}`, seen: (cause as Error).message, cause })
  }
  throw new Fault('configuration/image', { expected: `an image ${path}`, seen: 'an empty file' })
}

function readSidecar(path: string): z.infer<typeof Sidecar> {
  let text: string
  try {
    text = readFileSync(`${path}.json`, 'utf8')
  } catch {
    return {}
  }
  try {
    return Sidecar.parse(JSON.parse(text))
  } catch (cause) {
    throw new Fault('configuration/image', {
      expected: `valid JSON in ${path}.json`,
      seen: (cause as Error).message,
      cause,
    })
  }
}

async function digest(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function magic(path: string): Promise<number> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
  return bytesRead === 4 ? buffer.readUInt32LE() : 0
}
