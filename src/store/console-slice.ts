import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readableLines } from '../base/text.ts'
import type { ConsoleSlice } from '../model/event.ts'

/** What a board's console said in a slice. */
export interface SliceText {
  readonly path: string
  /** Where the slice lies in the file. */
  readonly from: number
  readonly to: number
  readonly lines: readonly string[]
  /** Lines before these were left out. */
  readonly cut: boolean
}

const MAX_BYTES = 64 << 10

/**
 * The last lines of a slice, out of a run's own copy of its board's recording, which begins at offset `recordedFrom`.
 *
 * Only that copy: the board's own recording may have begun anew since, and would show lines of another day. Undefined: it
 * is not, or not wholly, there.
 */
export function sliceText(
  path: string,
  { from, to }: ConsoleSlice,
  recordedFrom: number,
  maxLines: number,
): SliceText | undefined {
  let fd: number
  try {
    fd = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const place = { path, from: from - recordedFrom, to: to - recordedFrom }
    if (place.from < 0 || place.to < place.from || fstatSync(fd).size < place.to) return undefined
    const begin = Math.max(place.from, place.to - MAX_BYTES)
    const bytes = Buffer.alloc(place.to - begin)
    readSync(fd, bytes, 0, bytes.length, begin)
    const lines = readableLines(bytes)
    return { ...place, lines: lines.slice(-maxLines), cut: begin > place.from || lines.length > maxLines }
  } finally {
    closeSync(fd)
  }
}
