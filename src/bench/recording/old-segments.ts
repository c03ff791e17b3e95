import { statSync, unlinkSync } from 'node:fs'
import type { ConsoleSlice } from '../../model/event.ts'
import { segmentsIn, sizeOf, type SegmentFile } from './segment-files.ts'

export { recordingFolder } from './segment-files.ts'

/** A part of a recording that nobody needs any more. */
export interface OldSegment {
  readonly file: SegmentFile
  readonly bytes: number
}

/**
 * The oldest parts of a board's recording whose last byte came before a time, up to the first one that is younger or holds
 * a byte of a slice. The part that is written to stays in any case.
 */
export function oldSegments(
  folder: string,
  options: { beforeMs: number; needed: readonly ConsoleSlice[] },
): OldSegment[] {
  const segments = segmentsIn(folder).slice(0, -1)
  const stay = segments.findIndex(segment => {
    const changedMs = statSync(segment.dataPath, { throwIfNoEntry: false })?.mtimeMs ?? 0
    return changedMs >= options.beforeMs || options.needed.some(slice => holds(segment, slice))
  })
  return segments
    .slice(0, stay < 0 ? undefined : stay)
    .map(file => ({ file, bytes: sizeOf(file.dataPath) + sizeOf(file.indexPath) }))
}

/** Removes one part. Only for whoever holds the board: a recorder drops old parts too. */
export function dropSegment({ file }: OldSegment): void {
  for (const path of [file.dataPath, file.indexPath])
    try {
      unlinkSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
}

function holds({ start, dataPath }: SegmentFile, { from, to }: ConsoleSlice): boolean {
  return from < start + sizeOf(dataPath) && to > start
}
