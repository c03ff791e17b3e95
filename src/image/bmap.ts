import { createHash } from 'node:crypto'
import { Fault } from '../base/fault.ts'

/** A part of an image that holds data. */
export interface BmapRange {
  readonly offset: number
  readonly sizeBytes: number
  /** Of these bytes, in the map's `checksumType`. */
  readonly checksum?: string
}

/** A block map: which parts of an image hold data; everything between them is zeros or never read. */
export interface Bmap {
  readonly version: string
  readonly imageBytes: number
  readonly blockBytes: number
  readonly mappedBytes: number
  readonly checksumType: ChecksumType
  /** Ascending, apart from each other, inside the image. */
  readonly ranges: readonly BmapRange[]
}

export type ChecksumType = 'sha1' | 'sha256'

/**
 * Reads a block map as `bmaptool create` writes it, versions 1.2 to 2.0, and checks it against its own checksum.
 *
 * Errors: `configuration/image` with `path:line`, for what is damaged, contradicts itself or lies outside the image.
 * Source: https://github.com/yoctoproject/bmaptool (`BmapCreate.py` describes the format; element names are from there).
 */
export function parseBmap(text: string, path: string): Bmap {
  const file = new BmapText(text, path)
  const version = file.root()
  const checksumType = version.startsWith('1.') ? 'sha1' : file.checksumType()
  checkOwnChecksum(file, checksumType)
  const imageBytes = file.number('ImageSize')
  const blockBytes = file.number('BlockSize')
  if (blockBytes < 512 || (blockBytes & (blockBytes - 1)) !== 0)
    throw file.fault('BlockSize', 'a power of two, 512 or more', String(blockBytes))
  const blocks = Math.ceil(imageBytes / blockBytes)
  const promised = file.number('BlocksCount')
  if (promised !== blocks) throw file.fault('BlocksCount', `${blocks} blocks of an image this size`, String(promised))
  const ranges = file.ranges(checksumType, blockBytes, imageBytes)
  const mapped = ranges.reduce((sum, { sizeBytes }) => sum + Math.ceil(sizeBytes / blockBytes), 0)
  const counted = file.number('MappedBlocksCount')
  if (counted !== mapped) throw file.fault('MappedBlocksCount', `${mapped}, the sum of its ranges`, String(counted))
  const mappedBytes = ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return { version, imageBytes, blockBytes, mappedBytes, checksumType, ranges }
}

const DIGITS = { sha1: 40, sha256: 64 } as const

/** The checksum of the file is that of the file with zeros in the place of the checksum. */
function checkOwnChecksum(file: BmapText, type: ChecksumType): void {
  const name = type === 'sha1' ? 'BmapFileSHA1' : 'BmapFileChecksum'
  const { value, at } = file.element(name)
  if (!isChecksum(value, type)) throw file.fault(name, `a ${type} checksum`, value)
  const digits = file.text.indexOf(value, at)
  const zeroed = `${file.text.slice(0, digits)}${'0'.repeat(value.length)}${file.text.slice(digits + value.length)}`
  const computed = createHash(type).update(zeroed).digest('hex')
  if (computed !== value.toLowerCase())
    throw file.fault(
      name,
      `${computed}, the checksum of this file`,
      `${value}: it was changed or cut after it was made`,
    )
}

function isChecksum(value: string, type: ChecksumType): boolean {
  return value.length === DIGITS[type] && /^[0-9a-f]+$/i.test(value)
}

/** The text of a block map, and where in it things stand. The format is flat: no parser of XML is needed to read it. */
class BmapText {
  readonly text: string
  readonly #path: string
  /** The same text with its comments blanked: line numbers stay, what is quoted in them is not found. */
  readonly #plain: string

  constructor(text: string, path: string) {
    this.text = text
    this.#path = path
    this.#plain = text.replaceAll(/<!--[^]*?-->/g, comment => comment.replaceAll(/[^\n]/g, ' '))
  }

  /** The version of the format. */
  root(): string {
    const found = /<bmap\s+version\s*=\s*"(\d+\.\d+)"\s*>/.exec(this.#plain)
    if (!found) throw this.#fault(0, 'a block map: <bmap version="…">', 'something else')
    if (!/^[12]\./.test(found[1]!)) throw this.#fault(found.index, 'version 1 or 2 of the format', found[1]!)
    if (!/<\/bmap>\s*$/.test(this.#plain))
      throw this.#fault(this.text.length, 'it to end in </bmap>', 'a file cut short')
    return found[1]!
  }

  element(name: string): { value: string; at: number } {
    const found = new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(this.#plain)
    if (!found) throw this.#fault(0, `an element <${name}>`, 'none')
    return { value: found[1]!, at: found.index }
  }

  number(name: string): number {
    const { value } = this.element(name)
    if (!/^[1-9]\d*$/.test(value) || !Number.isSafeInteger(Number(value)))
      throw this.fault(name, 'a whole number above 0', value)
    return Number(value)
  }

  checksumType(): ChecksumType {
    const { value } = this.element('ChecksumType')
    if (value === 'sha256' || value === 'sha1') return value
    throw this.fault('ChecksumType', 'sha256 or sha1', value)
  }

  ranges(type: ChecksumType, blockBytes: number, imageBytes: number): BmapRange[] {
    const ranges: BmapRange[] = []
    let end = 0
    for (const found of this.#plain.matchAll(/<Range\b([^>]*)>([^<]*)<\/Range>/g)) {
      const blocks = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(found[2]!)
      if (!blocks) throw this.#fault(found.index, 'a range of blocks such as 5-9', found[2]!.trim())
      const [first, last] = [Number(blocks[1]), Number(blocks[2] ?? blocks[1])]
      const offset = first * blockBytes
      const seen = `blocks ${first}-${last}`
      if (last < first) throw this.#fault(found.index, 'a range that ends behind its start', seen)
      if (offset < end) throw this.#fault(found.index, 'ranges in order that do not overlap', seen)
      if (last >= Math.ceil(imageBytes / blockBytes))
        throw this.#fault(found.index, `a range inside the ${imageBytes} bytes of the image`, seen)
      end = Math.min((last + 1) * blockBytes, imageBytes)
      const checksum = /\b(?:chksum|sha1)\s*=\s*"([^"]*)"/.exec(found[1]!)?.[1]
      if (checksum !== undefined && !isChecksum(checksum, type))
        throw this.#fault(found.index, `a ${type} checksum`, checksum)
      ranges.push({
        offset,
        sizeBytes: end - offset,
        ...(checksum !== undefined && { checksum: checksum.toLowerCase() }),
      })
    }
    if (ranges.length === 0) throw this.#fault(0, 'at least one range', 'none')
    return ranges
  }

  fault(name: string, expected: string, seen: string): Fault {
    return this.#fault(this.element(name).at, `<${name}> to be ${expected}`, seen)
  }

  #fault(at: number, expected: string, seen: string): Fault {
    const line = this.text.slice(0, at).split('\n').length
    return new Fault('configuration/image', {
      expected: `${this.#path}:${line}: ${expected}`,
      seen,
      next: 'make the block map again (bmaptool create), or remove it: an image needs none',
    })
  }
}
