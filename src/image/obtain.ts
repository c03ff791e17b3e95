import { stat } from 'node:fs/promises'
import type { Variant } from '../model/image.ts'
import { Fault } from '../base/fault.ts'
import { fetchImage, type FetchOptions } from './fetch-image.ts'
import { imageInFolder } from './folder.ts'
import { isUrl, shownUrl } from './http.ts'
import { inspectImage, type Inspection } from './inspect.ts'
import { inspectParts, isInParts } from './parts.ts'
import type { TrustedKey } from './trust.ts'

export interface ObtainOptions extends FetchOptions {
  readonly keys: readonly TrustedKey[]
}

/**
 * The image somebody means by a file, a URL, a build result folder or a folder with an image in parts, looked at.
 *
 * Errors: as of fetching, finding and inspecting; nothing but this host's cache was touched.
 */
export async function obtainImage(reference: string, variant: Variant, options: ObtainOptions): Promise<Inspection> {
  if (isUrl(reference)) return obtainUrl(reference, variant, options)
  const { keys, signal } = options
  const found = await stat(reference).catch((cause: Error) => {
    throw new Fault('configuration/image', { expected: `an image ${reference}`, seen: cause.message, cause })
  })
  if (!found.isDirectory()) return inspectImage(reference, variant, { keys, signal })
  if (isInParts(reference))
    return { image: await inspectParts(reference, variant, { keys, signal }), layout: undefined }
  const path = await imageInFolder(reference)
  return inspectImage(path, variant, { keys, signal, resultRoot: reference })
}

async function obtainUrl(reference: string, variant: Variant, options: ObtainOptions): Promise<Inspection> {
  const { keys, signal } = options
  const { path, sha256 } = await fetchImage(reference, options)
  return inspectImage(path, variant, { keys, signal, source: shownUrl(reference), knownSha256: sha256 })
}
