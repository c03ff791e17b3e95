import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Fault } from '../../../base/fault.ts'
import { type Bmap, parseBmap } from '../../../image/bmap.ts'
import { contentOf, HEAD_BYTES } from '../../../image/content.ts'
import { Damage } from '../../../image/damage.ts'
import { checkWhole } from '../../../image/wholeness.ts'
import type { Image, ImageFormat } from '../../../model/image.ts'

/** An image file that was checked as far as it can be without decoding it, and is open. */
export interface Source extends AsyncDisposable {
  readonly path: string
  readonly fd: number
  readonly format: ImageFormat
  /** Of the file. */
  readonly sizeBytes: number
  /** Size on the medium; undefined where neither the file, its block map nor its sidecar tells. */
  readonly rawBytes: number | undefined
  readonly map: Bmap | undefined
}

const CHUNK_BYTES = 1 << 20

/**
 * Opens an image and checks it against what the plan knows of it; an `inspected` one need not be read for that again.
 *
 * Errors: `configuration/image`.
 */
export async function openSource(image: Image, inspected: boolean, signal: AbortSignal): Promise<Source> {
  if (image.parts) throw badImage(image, 'one file', `an image in ${image.parts.length} parts`)
  const file = await open(image.path, 'r').catch((error: Error) => {
    throw badImage(image, 'a readable image file', error.message)
  })
  try {
    const { path, format, sizeBytes } = image
    const { rawSizeBytes } = inspected ? image : await check(image, file, signal)
    const map = image.bmapPath === undefined ? undefined : readMap(image.bmapPath)
    const rawBytes = rawSizeBytes ?? map?.imageBytes ?? image.rawSizeBytes
    if (map && rawBytes !== map.imageBytes)
      throw badImage(
        image,
        `an image of ${map.imageBytes} bytes, as ${image.bmapPath} says`,
        `one of ${rawBytes} bytes`,
      )
    return { path, fd: file.fd, format, sizeBytes, rawBytes, map, [Symbol.asyncDispose]: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function check(image: Image, file: FileHandle, signal: AbortSignal) {
  const { size } = await file.stat()
  if (size !== image.sizeBytes) throw badImage(image, `${image.sizeBytes} bytes`, `${size} bytes`)
  if (size === 0) throw badImage(image, 'an image', 'an empty file')
  const sha256 = await digestOf(file, signal)
  if (sha256 !== image.sha256) throw badImage(image, `SHA-256 ${image.sha256}`, sha256)
  const head = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  const content = contentOf(head.buffer.subarray(0, head.bytesRead))
  // By content, not by name: an archive written as it is looks like a success until the board boots.
  if (!('format' in content)) throw badImage(image, 'an image', content.not)
  if (content.format !== image.format) throw badImage(image, `packed as ${image.format}`, content.format)
  return checkWhole(file, image.format, size, signal).catch((error: Error) => {
    throw error instanceof Damage ? badImage(image, `a whole ${image.format} file`, error.message) : error
  })
}

function readMap(path: string): Bmap {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('configuration/image', {
      expected: `a readable block map ${path}`,
      seen: (cause as Error).message,
      cause,
    })
  }
  return parseBmap(text, path)
}

async function digestOf(file: FileHandle, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  for (let at = 0; ;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

function badImage(image: Image, expected: string, seen: string): Fault {
  return new Fault('configuration/image', {
    expected: `${image.path} to be ${expected}`,
    seen: `${seen}; nothing was written`,
  })
}
