import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../base/fault.ts'

/** What may stand in the file beside an image, `<image>.json`. */
const Sidecar = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  commit: z.string().optional(),
  revCount: z.int().min(0).optional(),
  sha256: z.string().optional(),
  rawSha256: z.string().optional(),
  rawSizeBytes: z.number().optional(),
})
export type Sidecar = z.infer<typeof Sidecar>

/** The names that lists of checksums go by. */
export const CHECKSUM_LISTS = ['SHA256SUMS', 'SHA256SUMS.txt', 'sha256sums.txt']

/** What the file beside an image says of it. Errors: `configuration/image` when it is no valid JSON. */
export function readSidecar(path: string): Sidecar {
  const text = textAt(`${path}.json`)
  if (text === undefined) return {}
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

/** A promised SHA-256 and the file that promises it. */
export interface Promised {
  readonly sha256: string
  readonly by: string
}

/** The digests that files beside an image promise for it: its sidecar, `<image>.sha256`, a list for the whole folder. */
export function promisedDigests(path: string, sidecar: Sidecar): Promised[] {
  const lists = [`${path}.sha256`, ...CHECKSUM_LISTS.map(name => join(dirname(path), name))]
  const listed = lists.map(list => ({ sha256: digestIn(textAt(list) ?? '', basename(path), list), by: list }))
  return [{ sha256: sidecar.sha256, by: `${path}.json` }, ...listed].flatMap(({ sha256, by }) =>
    sha256 === undefined ? [] : [{ sha256: sha256.toLowerCase(), by }],
  )
}

/**
 * The digest of a file in a list as `sha256sum` writes it (`digest  name`, `digest *name`, BSD's `SHA256 (name) = digest`).
 * A list of its own, `<name>.sha256`, may hold the digest alone, or with another path in front of the name.
 */
export function digestIn(text: string, name: string, list: string): string | undefined {
  const rows = text.split('\n').flatMap(line => {
    const gnu = /^\\?([0-9a-f]{64})(?:\s+\*?(.+?))?\s*$/i.exec(line)
    const bsd = /^SHA256 \((.+)\) = ([0-9a-f]{64})\s*$/i.exec(line)
    const [digest, file] = gnu ? [gnu[1], gnu[2]] : bsd ? [bsd[2], bsd[1]] : []
    return digest === undefined ? [] : [{ digest, file }]
  })
  const own = basename(list) === `${name}.sha256` && rows.length === 1 ? rows[0] : undefined
  return (rows.find(({ file }) => file !== undefined && basename(file) === name) ?? own)?.digest
}

/** Names the block map of an image goes by: `ghaf-image.raw.zst` has `ghaf-image.bmap`, or `ghaf-image.raw.bmap`. */
export function bmapNames(name: string): string[] {
  const unpacked = name.replace(/\.(?:zst|zstd|xz|gz|bz2)$/, '')
  return [...new Set([`${name}.bmap`, `${unpacked}.bmap`, `${unpacked.replace(/\.(?:raw|img|iso|wic)$/, '')}.bmap`])]
}

/** The block map beside an image. */
export function bmapBeside(path: string): string | undefined {
  return bmapNames(basename(path))
    .map(name => join(dirname(path), name))
    .find(existsSync)
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
