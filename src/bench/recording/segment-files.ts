import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseIndexLine, type IndexLine } from './index-line.ts'

/** A part of a board's recording: a file named by the offset of its first byte, and its index beside it. */
export interface SegmentFile {
  readonly start: number
  readonly dataPath: string
  readonly indexPath: string
}

const DIGITS = 16
const NAME = new RegExp(`^\\d{${DIGITS}}\\.log$`)
const MAX_TAIL_BYTES = 4096

/** Where a board keeps its recording. */
export function recordingFolder(stateDir: string): string {
  return join(stateDir, 'console')
}

export function segmentFile(folder: string, start: number): SegmentFile {
  const dataPath = join(folder, `${String(start).padStart(DIGITS, '0')}.log`)
  return { start, dataPath, indexPath: indexBeside(dataPath) }
}

/** Where the index of a file of console bytes lies. */
export function indexBeside(dataPath: string): string {
  return `${dataPath}.idx`
}

/** The segments in a folder, oldest first; none where there is no such folder. */
export function segmentsIn(folder: string): SegmentFile[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter(name => NAME.test(name))
    .sort()
    .map(name => segmentFile(folder, Number.parseInt(name, 10)))
}

/** The size of a file; 0 where there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** The last line of an index, and whether the index ends with it; undefined: it has no whole line. */
export function lastIndexLine(path: string): { readonly line: IndexLine; readonly whole: boolean } | undefined {
  const lines = tailOf(path).split('\n')
  const cut = lines.pop() !== ''
  for (const text of lines.toReversed()) {
    const line = parseIndexLine(text)
    if (line) return { line, whole: !cut }
  }
  return undefined
}

/** Bytes of a file; fewer where it ends. */
export function readPart(path: string, position: number, length: number): Buffer {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, fstatSync(fd).size - position)))
    let done = 0
    for (let got = -1; got !== 0 && done < bytes.length; done += got)
      got = readSync(fd, bytes, done, bytes.length - done, position + done)
    return bytes.subarray(0, done)
  } finally {
    closeSync(fd)
  }
}

function tailOf(path: string): string {
  const size = sizeOf(path)
  if (size === 0) return ''
  const from = Math.max(0, size - MAX_TAIL_BYTES)
  return readPart(path, from, size - from).toString('utf8')
}
