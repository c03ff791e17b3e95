import type { ImageFormat } from '../model/image.ts'
import { isSkippable } from './zstd-frames.ts'

/** What a file is by its first bytes: an image in one of the formats, or something that must never reach a medium. */
export type Content = { readonly format: ImageFormat } | { readonly not: string; readonly next: string }

/** How many bytes `contentOf` looks at: an ISO says what it is at byte 32769. */
export const HEAD_BYTES = 64 << 10

/**
 * Tells by its first bytes what a file holds; its name plays no part.
 *
 * Raw is what nothing else claims: a disk need not begin with anything. Text, archives and disks of virtual machines
 * are refused by name, because they can be written and then look like a success until the board boots.
 */
export function contentOf(head: Buffer): Content {
  const packed = PACKED.find(([, magic]) => startsWith(head, magic))
  if (packed) return { format: packed[0] }
  // `pzstd` begins its files with a frame to be skipped: taken for raw, they would be written as they are.
  if (isSkippable(head)) return { format: 'zst' }
  const known = NEVER_IMAGES.find(({ at = 0, bytes }) => startsWith(head.subarray(at), bytes))
  if (known) return { not: known.is, next: known.next ?? BUILD_AGAIN }
  return textOf(head) ?? { format: 'raw' }
}

/** The format a file's name promises; undefined when it promises none. */
export function promisedFormat(name: string): ImageFormat | undefined {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return ENDINGS[ending]
}

const ENDINGS: Readonly<Record<string, ImageFormat>> = {
  zst: 'zst',
  zstd: 'zst',
  xz: 'xz',
  gz: 'gz',
  bz2: 'bz2',
  gzip: 'gz',
  bzip2: 'bz2',
  img: 'raw',
  raw: 'raw',
  iso: 'raw',
}

/** Sources: RFC 8878 §3.1.1, the .xz file format §2.1.1.1, RFC 1952 §2.3.1, bzip2's `BZh`. */
const PACKED: readonly (readonly [ImageFormat, Buffer])[] = [
  ['zst', Buffer.from('28b52ffd', 'hex')],
  ['xz', Buffer.from('fd377a585a00', 'hex')],
  ['gz', Buffer.from('1f8b08', 'hex')],
  ['bz2', Buffer.from('BZh')],
]

const BUILD_AGAIN = 'name the image itself: build or fetch it again if this is all there is'
const UNPACK = 'unpack it and name the image inside'
const CONVERT = 'convert it to a raw image (qemu-img convert -O raw) and name that'

const NEVER_IMAGES: readonly { is: string; at?: number; bytes: Buffer; next?: string }[] = [
  { is: 'a tar archive', at: 257, bytes: Buffer.from('ustar'), next: UNPACK },
  { is: 'a zip archive', bytes: Buffer.from('PK\u0003\u0004'), next: UNPACK },
  { is: 'a 7z archive', bytes: Buffer.from('377abcaf271c', 'hex'), next: UNPACK },
  { is: 'an lz4 file', bytes: Buffer.from('04224d18', 'hex'), next: UNPACK },
  { is: 'an lzma file', bytes: Buffer.from('5d0000', 'hex'), next: UNPACK },
  { is: 'an ar archive (a Debian package?)', bytes: Buffer.from('!<arch>'), next: UNPACK },
  { is: 'a Nix archive', bytes: Buffer.from('0d000000000000006e69782d617263686976652d31', 'hex'), next: UNPACK },
  { is: 'a qcow2 disk of a virtual machine', bytes: Buffer.from('514649fb', 'hex'), next: CONVERT },
  { is: 'a VMDK disk of a virtual machine', bytes: Buffer.from('KDMV'), next: CONVERT },
  { is: 'a VHDX disk of a virtual machine', bytes: Buffer.from('vhdxfile'), next: CONVERT },
  { is: 'an Android sparse image', bytes: Buffer.from('3aff26ed', 'hex'), next: 'convert it with simg2img' },
  { is: 'a program (ELF)', bytes: Buffer.from('7f454c46', 'hex') },
]

const TEXTS: readonly (readonly [RegExp, string, string?])[] = [
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    'a Git LFS pointer',
    'fetch the file it stands for: git lfs pull',
  ],
  [/^\s*(?:<!doctype html|<html)/i, 'an HTML page, such as a server sends for an error or a login'],
  [/^\s*<\?xml/, 'an XML document, such as a store sends for an error'],
  [/^Derive\(/, 'a Nix derivation', 'build it: nix-store --realise FILE'],
  [/^\/nix\/store\/\S+\s*$/, 'a text file that names a Nix store path', 'name the image in that path'],
  [/^-----BEGIN /, 'a PEM file (a key, certificate or signature)'],
  [/^\s*[{[]/, 'a JSON document'],
  [/^[0-9a-f]{64}\b/i, 'a list of checksums'],
  [/^#!/, 'a script'],
]

/** How much of a file must be text for it to be believed to be one. */
const TEXT_BYTES = 512

/** No disk begins with half a kilobyte of letters: boot code and tables are binary, an unused start is zero. */
function textOf(head: Buffer): Content | undefined {
  const start = head.subarray(0, TEXT_BYTES)
  if (start.length === 0 || start.some(byte => byte === 0x7f || (byte < 0x20 && !WHITESPACE.has(byte))))
    return undefined
  const text = start.toString('utf8')
  // What is cut in the middle of a character ends in one that stands for it.
  if (text.slice(0, -1).includes('\ufffd')) return undefined
  const [, is, next] = TEXTS.find(([pattern]) => pattern.test(text)) ?? []
  const firstLine = text.trim().split('\n')[0]?.slice(0, 60) ?? ''
  return { not: `${is ?? 'a text file'} ("${firstLine}")`, next: next ?? BUILD_AGAIN }
}

const WHITESPACE = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x1b])

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length >= start.length && bytes.subarray(0, start.length).equals(start)
}
