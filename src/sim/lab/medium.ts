import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { STAMP_SECTORS_FROM_END, STAMP_TEXT } from '../../model/stamp.ts'
import type { ImageContent } from './faults.ts'

export const MEDIUM_BYTES = 1 << 20
const SECTOR_BYTES = 512
const MAX_IMAGE_BYTES = 64 << 10
/** In front of what an image says. */
const BOOT_RECORD_BYTES = 512

/** An image file: a boot record, as disks have one, and what it is. */
export function imageBytes(content: ImageContent): Buffer {
  const bootRecord = Buffer.alloc(BOOT_RECORD_BYTES)
  bootRecord.writeUInt16BE(0x55aa, BOOT_RECORD_BYTES - 2)
  return Buffer.concat([bootRecord, Buffer.from(`${JSON.stringify(content)}\n`.padEnd(3584, ' '), 'latin1')])
}

/** A boot medium: a file of this host, which the flasher writes and the board boots from. */
export class SimMedium {
  readonly path: string
  /** The byte whose sector cannot be written. */
  badAt: number | undefined
  /** What is written there reads back as something else. */
  liesAt: number | undefined
  /** How often it will not be handed over. */
  stays = 0
  /** What a booted system left on it: gone with the next flash. */
  marker: string | undefined
  place: 'host' | 'board' = 'board'

  constructor(path: string) {
    this.path = path
    if (existsSync(path)) return
    mkdirSync(dirname(path), { recursive: true })
    this.#open('w', fd => ftruncateSync(fd, MEDIUM_BYTES))
  }

  /** Errors: a bad sector. */
  write(bytes: Buffer, position: number): void {
    if (this.badAt !== undefined && this.badAt >= position && this.badAt < position + bytes.length)
      throw Object.assign(new Error(`EIO: i/o error at byte ${this.badAt}`), { code: 'EIO' })
    const written = Buffer.from(bytes)
    const at = (this.liesAt ?? -1) - position
    if (at >= 0 && at < written.length) written[at]! ^= 0x01
    this.#open('r+', fd => writeSync(fd, written, 0, written.length, position))
  }

  read(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    const count = this.#open('r', fd => readSync(fd, bytes, 0, length, position))
    return bytes.subarray(0, count)
  }

  /** What boots from it; undefined: nothing does. */
  get image(): ImageContent | undefined {
    const text = this.read(BOOT_RECORD_BYTES, MAX_IMAGE_BYTES).toString('latin1')
    try {
      return JSON.parse(text.slice(0, text.indexOf('\n'))) as ImageContent
    } catch {
      return undefined
    }
  }

  /** The flash whose stamp it carries. */
  get stamp(): string | undefined {
    const at = MEDIUM_BYTES - STAMP_SECTORS_FROM_END * SECTOR_BYTES
    return new RegExp(`^${STAMP_TEXT}([0-9a-f]{16})`).exec(this.read(at, SECTOR_BYTES).toString('latin1'))?.[1]
  }

  #open<T>(how: 'w' | 'r' | 'r+', work: (fd: number) => T): T {
    const fd = openSync(this.path, how)
    try {
      return work(fd)
    } finally {
      closeSync(fd)
    }
  }
}
