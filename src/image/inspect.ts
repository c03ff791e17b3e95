import { open, readFile, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { Fault } from '../base/fault.ts'
import { humanSize } from '../base/text.ts'
import type { Image, ImageFormat, Variant } from '../model/image.ts'
import { bmapBeside, promisedDigests, readSidecar, type Sidecar } from './companions.ts'
import { contentOf, HEAD_BYTES, promisedFormat } from './content.ts'
import { Damage } from './damage.ts'
import { decodedHead } from './decoded-head.ts'
import { digestFile } from './file-digest.ts'
import { fileIdentity, rememberInspected } from './inspected.ts'
import { originOf } from './origin.ts'
import { partitionTable, TABLE_BYTES, type PartitionTable } from './partition-table.ts'
import type { TrustedKey } from './trust.ts'
import { checkWhole } from './wholeness.ts'

/** What an image is looked at with. */
export interface InspectOptions {
  readonly signal: AbortSignal
  /** Keys whose signatures prove something. */
  readonly keys?: readonly TrustedKey[]
  /** What somebody named, where that is not the file itself. */
  readonly source?: string
  /** The Nix build result the file was found in. */
  readonly resultRoot?: string
  /** The digest, where somebody has just computed it. */
  readonly knownSha256?: string
}

/** An image and how the disk is laid out that it decodes to; undefined where this host cannot decode it. */
export interface Inspection {
  readonly image: Image
  readonly layout: PartitionTable | undefined
}

/**
 * Looks at an image file before any board is touched: what it is by its first bytes, whether it is whole, its digest,
 * and where it comes from.
 *
 * Errors: `configuration/image` when missing, no image, cut, or other than files beside it say;
 * `configuration/image-signature`.
 */
export async function inspectImage(path: string, variant: Variant, options: InspectOptions): Promise<Inspection> {
  const { signal, keys = [], source, resultRoot, knownSha256 } = options
  const identity = await fileIdentity(path)
  const found = await lookAt(path, signal)
  const sidecar = readSidecar(path)
  const signature = await readFile(`${path}.sig`).catch(() => undefined)
  const file =
    knownSha256 !== undefined && (!signature || keys.length === 0)
      ? { sha256: knownSha256, signer: undefined }
      : await digestFile(path, signature, keys, signal)
  for (const { sha256, by } of promisedDigests(path, sidecar))
    if (sha256 !== file.sha256)
      throw new Fault('configuration/image', {
        expected: `${path} to have the digest ${sha256} that ${by} names`,
        seen: file.sha256,
        next: 'fetch or build the image again: it is damaged, truncated, or not the one described',
      })
  const rawSizeBytes = found.rawSizeBytes ?? sidecar.rawSizeBytes
  const layout = found.head && partitionTable(found.head)
  const layoutNotes = layout ? checkLayout(path, layout, rawSizeBytes) : []
  const origin = await originOf({ path, file, signed: signature !== undefined, resultRoot }, keys, signal)
  const { name, version, rawSha256 } = sidecar
  const { provenance } = origin
  const proven = provenance?.signedBy !== undefined && provenance.bound !== 'not' ? provenance.commit : undefined
  const commit = proven ?? sidecar.commit ?? provenance?.commit
  // Of one source only: a position that another statement than the commit's makes up orders nothing.
  const position = proven !== undefined ? (provenance?.position ?? sidecarPosition(sidecar, proven)) : sidecar.revCount
  const bmapPath = bmapBeside(path)
  const notes = [...nameNotes(source ?? path, found.format), ...layoutNotes]
  const image: Image = {
    path,
    ...(source !== undefined && { source }),
    variant,
    format: found.format,
    sha256: file.sha256,
    sizeBytes: found.sizeBytes,
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(commit !== undefined && { commit }),
    ...(position !== undefined && { position }),
    ...(rawSha256 !== undefined && { rawSha256 }),
    ...(rawSizeBytes !== undefined && { rawSizeBytes }),
    ...(bmapPath !== undefined && { bmapPath }),
    origin,
    ...(notes.length > 0 && { notes }),
  }
  await rememberInspected(image, identity)
  return { image, layout }
}

/** A file as far as can be told without reading all of it. */
export interface FileFacts {
  readonly format: ImageFormat
  readonly sizeBytes: number
  readonly rawSizeBytes: number | undefined
  /** The start of what it decodes to, where this host can decode it. */
  readonly head: Buffer | undefined
}

/** Looks at the frame and the first bytes of an image file. Errors: `configuration/image`. */
export async function lookAt(path: string, signal: AbortSignal): Promise<FileFacts> {
  await using file = await open(path).catch((cause: Error) => {
    throw new Fault('configuration/image', { expected: `an image ${path}`, seen: cause.message, cause })
  })
  const sizeBytes = await sizeOf(file, path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
  const { format } = mustBeImage(path, buffer.subarray(0, bytesRead), '')
  try {
    const { rawSizeBytes } = await checkWhole(file, format, sizeBytes, signal)
    const head = await decodedHead(path, format, Math.max(HEAD_BYTES, TABLE_BYTES), signal)
    if (head && format !== 'raw') {
      const inside = mustBeImage(path, head, `a ${format} file that holds `)
      if (inside.format !== 'raw') throw notAnImage(path, `a ${format} file that holds a ${inside.format} file`)
    }
    return { format, sizeBytes, rawSizeBytes, head }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause
    throw new Fault('configuration/image', {
      expected: `${path} to be a whole ${format} file`,
      seen: `${cause.message} (${sizeBytes} bytes)`,
      next: 'fetch or build the image again: it is damaged or truncated; nothing was written',
      cause,
    })
  }
}

async function sizeOf(file: FileHandle, path: string): Promise<number> {
  const found = await file.stat()
  if (found.isFile() && found.size > 0) return found.size
  const seen = found.isFile() ? 'an empty file' : found.isDirectory() ? 'a folder' : 'neither a file nor a folder'
  throw new Fault('configuration/image', { expected: `an image ${path}`, seen })
}

function mustBeImage(path: string, head: Buffer, wrapping: string): { format: ImageFormat } {
  const content = contentOf(head)
  if ('format' in content) return content
  throw notAnImage(path, `${wrapping}${content.not}`, content.next)
}

function notAnImage(path: string, seen: string, next = 'unpack it once and name the image inside'): Fault {
  return new Fault('configuration/image', {
    expected: `${path} to be a disk image (raw, iso, zst, xz, gz, bz2)`,
    seen,
    next,
  })
}

/** What the file beside an image says of a commit that is proven: only of the same one. */
function sidecarPosition({ commit, revCount }: Sidecar, proven: string): number | undefined {
  return commit === proven ? revCount : undefined
}

/** By content, not by name; but whoever named it may have meant something. */
function nameNotes(named: string, format: ImageFormat): string[] {
  const promised = promisedFormat(named)
  if (promised === undefined || promised === format) return []
  return [`${basename(named)} is ${format} by its content, not ${promised} as its name says; it is taken for ${format}`]
}

/** A disk whose last partition ends behind the image is one that was cut. */
function checkLayout(path: string, layout: PartitionTable, rawSizeBytes: number | undefined): string[] {
  const { scheme, endBytes, diskBytes, damage } = layout
  const notes = damage === undefined ? [] : [damage]
  if (rawSizeBytes === undefined || Math.max(endBytes, diskBytes ?? 0) <= rawSizeBytes) return notes
  const ends = `the image ends at ${humanSize(rawSizeBytes)}`
  if (scheme === 'gpt' && endBytes > rawSizeBytes)
    throw new Fault('configuration/image', {
      expected: `${path} to hold all of its partitions, ${humanSize(endBytes)}`,
      seen: `${ends}: it was cut`,
      next: 'fetch or build the image again; nothing was written',
    })
  if (endBytes > rawSizeBytes) return [...notes, `its partitions reach to ${humanSize(endBytes)}, but ${ends}`]
  return [
    ...notes,
    `its GPT is made for a disk of ${humanSize(diskBytes ?? 0)}, but ${ends}: its backup table is missing`,
  ]
}
