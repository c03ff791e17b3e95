import { constants, existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { diskFault } from '../base/disk.ts'
import { Fault } from '../base/fault.ts'
import type { Image } from '../model/image.ts'
import { digestFile } from './file-digest.ts'
import { MANIFEST } from './parts.ts'

/** What nobody names any more stays this long: a run that is under way may be about to flash it. */
const IN_USE_MS = 12 * 3_600_000

/**
 * Copies an image and what belongs to it into a folder of its own, named by its digest; one that is there already stays.
 * Gives back the image as it lies there.
 *
 * Errors: `configuration/image` for files that are gone or are not what was inspected; `infrastructure/disk-full`.
 */
export async function keepImage(image: Image, folder: string, signal: AbortSignal): Promise<Image> {
  const place = join(folder, image.sha256)
  const kept = imageIn(place, image)
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => Promise.reject(diskFault(cause)))
  if (existsSync(place) && (await isWhole(kept, signal))) return kept
  const work = await mkdtemp(join(folder, '.keeping-'))
  try {
    for (const file of filesOf(image)) await copy(file, join(work, basename(file)))
    await mustBe(imageIn(work, image), signal)
    // What was there was damaged.
    await rm(place, { recursive: true, force: true })
    await rename(work, place)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Removes the images of a folder whose digest is not named, and that have been there for 12 hours. */
export async function dropImages(folder: string, named: ReadonlySet<string>, nowMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const since = await stat(path).catch(() => undefined)
    if (named.has(name) || !since || nowMs - since.ctimeMs < IN_USE_MS) continue
    await rm(path, { recursive: true, force: true })
  }
}

/** An image as it lies in another folder. */
function imageIn(folder: string, image: Image): Image {
  const there = (path: string): string => join(folder, basename(path))
  return {
    ...image,
    path: image.parts ? folder : there(image.path),
    ...(image.bmapPath !== undefined && { bmapPath: there(image.bmapPath) }),
    ...(image.parts && { parts: image.parts.map(part => ({ ...part, path: there(part.path) })) }),
  }
}

function filesOf({ path, parts, bmapPath }: Image): string[] {
  const images = parts ? [join(path, MANIFEST), ...parts.map(part => part.path)] : [path]
  const sidecars = (parts?.map(part => part.path) ?? [path]).map(file => `${file}.json`).filter(existsSync)
  return [...images, ...sidecars, ...(bmapPath === undefined ? [] : [bmapPath])]
}

async function copy(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw diskFault(cause)
    throw new Fault('configuration/image', { expected: `the image ${from}`, seen: (cause as Error).message, cause })
  }
}

async function isWhole(image: Image, signal: AbortSignal): Promise<boolean> {
  try {
    await mustBe(image, signal)
    return true
  } catch {
    signal.throwIfAborted()
    return false
  }
}

/** What was inspected may have been built anew since. */
async function mustBe(image: Image, signal: AbortSignal): Promise<void> {
  const files: readonly Pick<Image, 'path' | 'sha256'>[] = image.parts ?? [image]
  for (const { path, sha256 } of files) {
    const { sha256: found } = await digestFile(path, undefined, [], signal)
    if (found === sha256) continue
    throw new Fault('configuration/image', {
      expected: `the image with digest ${sha256}`,
      seen: `${found} in ${path}`,
      next: 'name the image as it is now: hil golden set',
    })
  }
}
