import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { shortPath } from '../base/paths.ts'
import { count, humanSize } from '../base/text.ts'
import { parseBmap } from '../image/bmap.ts'
import type { Partition, PartitionTable } from '../image/partition-table.ts'
import type { Image, Provenance } from '../model/image.ts'
import { table } from './table.ts'

/** What a block map says of its image, in short. */
export interface BlockSummary {
  readonly path: string
  readonly imageBytes: number
  readonly mappedBytes: number
  readonly ranges: number
  /** What speaks against using it for this image. */
  readonly mismatch?: string
}

/** An inspected image as text for people, and its block map. Errors: `configuration/image` for a damaged block map. */
export function imageReport(
  image: Image,
  layout: PartitionTable | undefined,
): { block: BlockSummary | undefined; text: string } {
  const block = blockSummary(image)
  const raw = image.rawSizeBytes === undefined ? 'size unknown' : humanSize(image.rawSizeBytes)
  const facts: [string, string | undefined][] = [
    ['image', image.source ?? shortPath(image.path)],
    ['file', image.source === undefined ? undefined : image.path],
    ['name', [image.name, image.version].filter(Boolean).join(' ') || undefined],
    ['format', image.parts ? `in ${image.parts.length} parts` : formatText(image, raw)],
    ['sha256', image.sha256],
    ['raw', image.rawSha256 === undefined ? undefined : `${image.rawSha256} (promised)`],
    ['commit', image.commit],
    ['signature', signatureText(image)],
    ...provenanceFacts(image.origin?.provenance),
    ['line', image.origin?.line ?? 'not proven'],
    ['origin', image.origin?.why],
    ['bmap', block ? blockText(block) : image.parts ? undefined : 'none beside it'],
    ...(image.notes ?? []).map((note): [string, string] => ['note', note]),
  ]
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(11)} ${value}\n`]))
  return { block, text: lines.join('') + partsText(image) + layoutText(layout) }
}

function formatText({ format, sizeBytes }: Image, raw: string): string {
  return format === 'raw' ? `raw, ${humanSize(sizeBytes)}` : `${format}, ${humanSize(sizeBytes)} (decoded: ${raw})`
}

function signatureText({ origin }: Image): string {
  if (origin?.signature === 'good') return `good, by ${origin.signedBy}`
  return origin?.signature === 'unchecked' ? 'there is one, but no trusted key to check it by' : 'none'
}

function provenanceFacts(provenance: Provenance | undefined): [string, string | undefined][] {
  if (!provenance) return [['provenance', 'none']]
  const { signedBy, bound, builder, repository, ref, job, finishedAt } = provenance
  const tied = {
    file: 'names this file',
    'nix-output': 'names the Nix output it lies in',
    not: 'does not name this file',
  }
  return [
    ['provenance', `${signedBy === undefined ? 'a claim' : `signed by ${signedBy}`}, ${tied[bound]}`],
    ['  builder', builder],
    ['  source', [repository, ref].filter(Boolean).join(' ') || undefined],
    ['  job', job],
    ['  finished', finishedAt],
  ]
}

function blockSummary({ bmapPath: path, rawSizeBytes }: Image): BlockSummary | undefined {
  if (path === undefined) return undefined
  const { imageBytes, mappedBytes, ranges } = parseBmap(readFileSync(path, 'utf8'), shortPath(path))
  const fits = rawSizeBytes === undefined || rawSizeBytes === imageBytes
  const mismatch = `it is for an image of ${imageBytes} bytes, and this one has ${rawSizeBytes}`
  return { path, imageBytes, mappedBytes, ranges: ranges.length, ...(!fits && { mismatch }) }
}

function blockText({ path, imageBytes, mappedBytes, ranges, mismatch }: BlockSummary): string {
  const percent = imageBytes === 0 ? 100 : Math.round((100 * mappedBytes) / imageBytes)
  const covered = `${humanSize(mappedBytes)} of ${humanSize(imageBytes)} hold data (${percent} %, ${count(ranges, 'range')})`
  return `${basename(path)}: ${mismatch ?? covered}`
}

function partsText({ parts }: Image): string {
  if (!parts) return ''
  const rows = parts.map(({ path, role, format, sizeBytes, sha256, partition }) => [
    role,
    basename(path),
    `${format} ${humanSize(sizeBytes)}`,
    `${partition.type} ${partition.label}`,
    partition.sizeMiB === 'rest' ? 'rest of the disk' : `${partition.sizeMiB} MiB`,
    sha256.slice(0, 12),
  ])
  return `\n${table(['PART', 'FILE', 'FORMAT', 'PARTITION', 'SIZE', 'SHA256'], rows)}`
}

const SCHEMES = {
  gpt: 'GPT',
  mbr: 'MBR',
  iso9660: 'an ISO 9660 file system',
  none: 'no partition table: a file system alone, or no boot medium',
} as const

function layoutText(layout: PartitionTable | undefined): string {
  if (!layout) return ''
  const { scheme, partitions } = layout
  if (partitions.length === 0) return `\nstarts with ${SCHEMES[scheme]}\n`
  const row = ({ number, kind, type, label, startBytes, sizeBytes }: Partition): string[] => [
    String(number),
    humanSize(startBytes),
    humanSize(sizeBytes),
    kind ?? type,
    label,
  ]
  return `\n${table([SCHEMES[scheme], 'START', 'SIZE', 'TYPE', 'LABEL'], partitions.map(row))}`
}
