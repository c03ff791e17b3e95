import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { humanSize } from '../base/text.ts'
import type { Image, ImageOrigin, ImagePart, Variant } from '../model/image.ts'
import { promisedFormat } from './content.ts'
import { inspectImage, type InspectOptions } from './inspect.ts'

/** What an image in parts is described by, in its folder. */
export const MANIFEST = 'flash-manifest.json'

/**
 * What a build of an image in parts says of them.
 *
 * Source: https://github.com/tiiuae/ghaf, modules/reference/hardware/jetpack/nvidia-jetson-orin/flash-images.nix,
 * schema version 1.
 */
const Manifest = z.looseObject({
  schema_version: z.literal(1, 'a schema version this program does not know (it knows 1)'),
  host_name: z.string().optional(),
  transport: z.string().optional(),
  artifacts: z.array(
    z.looseObject({
      name: z.string().regex(/^[^/\0]+$/, 'a file name without a folder'),
      role: z.string().min(1),
      compression: z.string().optional(),
      partition: z.looseObject({
        gpt_type: z.string().regex(/^[0-9a-f]{4}$/i, 'a type code of sgdisk, such as EF00'),
        label: z.string().max(36),
        size_mib: z.union([z.int().positive(), z.literal('auto')]),
      }),
    }),
  ),
})

/** Whether a folder is an image in parts. */
export function isInParts(folder: string): boolean {
  return existsSync(join(folder, MANIFEST))
}

/**
 * Looks at an image in parts: its manifest, and each part as any image file.
 *
 * Errors: `configuration/image` for a manifest that cannot be followed and for parts that are missing, damaged or too
 * big for their partition; `configuration/image-signature`.
 */
export async function inspectParts(folder: string, variant: Variant, options: InspectOptions): Promise<Image> {
  const bytes = await readFile(join(folder, MANIFEST))
  const manifest = parse(folder, bytes)
  const hash = createHash('sha256').update(bytes)
  const parts: ImagePart[] = []
  const images: Image[] = []
  for (const { name, role, partition } of manifest.artifacts) {
    const { image } = await inspectImage(join(folder, name), variant, { ...options, resultRoot: folder })
    const { path, format, sha256, sizeBytes, rawSizeBytes } = image
    const { gpt_type: type, label, size_mib: size } = partition
    const sizeMiB = size === 'auto' ? 'rest' : size
    if (sizeMiB !== 'rest' && rawSizeBytes !== undefined && rawSizeBytes > sizeMiB << 20)
      throw new Fault('configuration/image', {
        expected: `${path} to fit into its partition of ${sizeMiB} MiB`,
        seen: `${humanSize(rawSizeBytes)} decoded`,
      })
    hash.update(`${sha256}  ${name}\n`)
    const facts = { path, role, format, sha256, sizeBytes, ...(rawSizeBytes !== undefined && { rawSizeBytes }) }
    parts.push({ ...facts, partition: { type, label, sizeMiB } })
    images.push(image)
  }
  const { commit, position } = images.find(image => image.commit !== undefined) ?? {}
  const notes = [...images.flatMap(image => image.notes ?? []), ...compressionNotes(manifest, images)]
  return {
    path: folder,
    ...(options.source !== undefined && { source: options.source }),
    variant,
    format: 'raw',
    sha256: hash.digest('hex'),
    sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...(manifest.host_name !== undefined && { name: manifest.host_name }),
    ...(commit !== undefined && { commit }),
    ...(position !== undefined && { position }),
    origin: weakest(images.map(image => image.origin!)),
    ...(notes.length > 0 && { notes }),
    parts,
  }
}

/** The fault of an image in parts where something takes whole images only; undefined for a whole one. */
export function partsFault(image: Image, who: string): Fault | undefined {
  if (!image.parts) return undefined
  return new Fault('configuration/image', {
    expected: `an image in one piece for ${who}`,
    seen: `one in ${image.parts.length} parts: ${image.parts.map(({ role }) => role).join(', ')}`,
    next: 'flash it with the program it was built with (flasher: {driver: program} in the bench file), or build one image',
  })
}

function parse(folder: string, bytes: Buffer): z.infer<typeof Manifest> {
  const path = join(folder, MANIFEST)
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw new Fault('configuration/image', { expected: `JSON in ${path}`, seen: (cause as Error).message, cause })
  }
  const result = Manifest.safeParse(json)
  if (!result.success)
    throw new Fault('configuration/image', {
      expected: `a manifest this program understands in ${path}`,
      seen: `${result.error.issues.length} mistakes`,
      evidence: result.error.issues.map(issue => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
    })
  const { artifacts, transport } = result.data
  const rest = artifacts.findIndex(({ partition }) => partition.size_mib === 'auto')
  if (artifacts.length > 0 && (rest === -1 || rest === artifacts.length - 1)) return result.data
  throw new Fault('configuration/image', {
    expected: `parts to write in ${path}, the one that fills the disk last`,
    seen: artifacts.length === 0 ? `none (transport ${transport ?? 'not named'})` : `it at place ${rest + 1}`,
  })
}

function compressionNotes(manifest: z.infer<typeof Manifest>, images: readonly Image[]): string[] {
  return manifest.artifacts.flatMap(({ name, compression }, index) => {
    const promised = compression === undefined ? undefined : (promisedFormat(`x.${compression}`) ?? 'raw')
    const { format } = images[index]!
    if (promised === undefined || promised === format) return []
    return [`${name} is ${format} by its content, not ${compression} as its manifest says; it is taken for ${format}`]
  })
}

/** A chain is as strong as its weakest part. */
function weakest(origins: readonly ImageOrigin[]): ImageOrigin {
  const order = ['none', 'unchecked', 'good']
  return origins.reduce((weak, origin) => {
    if (origin.line === null && weak.line !== null) return origin
    return order.indexOf(origin.signature) < order.indexOf(weak.signature) ? { ...origin, line: weak.line } : weak
  })
}
