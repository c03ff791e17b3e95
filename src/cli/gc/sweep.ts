import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { asFault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import type { Bench } from '../../bench/load.ts'
import { BoardLock, thisProcess } from '../../bench/lock.ts'
import { dropSegment, oldSegments, recordingFolder } from '../../bench/recording/old-segments.ts'
import type { Evidence } from '../../model/cell.ts'
import type { RetentionPolicy } from '../../model/retention.ts'
import { holdRun } from '../../run/active.ts'
import { diskBytes, removeRun, unfinishedRemovals } from '../../store/remove-runs.ts'

/** Something that went, or in a dry run would go. */
export interface Swept {
  readonly what: 'run' | 'recording'
  /** The run, or the board whose recording it is a part of. */
  readonly name: string
  readonly path: string
  readonly bytes: number
  /** Why it is still there although nothing keeps it. */
  readonly stays?: string
}

/** Removes runs, each whole or not at all, and finishes what an earlier sweep did not. A run in progress stays. */
export async function sweepRuns(folder: string, runs: readonly string[], dryRun: boolean): Promise<Swept[]> {
  const swept: Swept[] = []
  const sweep = async (name: string, path: string, remove: () => Promise<string | undefined>): Promise<void> => {
    const bytes = diskBytes(path)
    const stays = dryRun ? undefined : await tried(remove)
    swept.push({ what: 'run', name, path, bytes, ...(stays !== undefined && { stays }) })
  }
  for (const path of unfinishedRemovals(folder))
    await sweep(basename(path), path, async () => {
      rmSync(path, { recursive: true, force: true })
      return undefined
    })
  for (const run of runs)
    await sweep(run, join(folder, run), async () => {
      await using mark = await holdRun(run)
      if (!mark) return 'it is in progress'
      removeRun(folder, run)
      return undefined
    })
  return swept
}

/**
 * Drops the parts of the boards' own recordings that are older than a policy keeps and hold nothing that evidence points
 * at. What a board says is only dropped by whoever holds the board: a board that somebody works with is left alone.
 */
export async function sweepRecordings(
  { name, boards }: Bench,
  policy: RetentionPolicy,
  options: { evidence: readonly Evidence[]; dryRun: boolean; signal: AbortSignal },
): Promise<Swept[]> {
  const { evidence, dryRun, signal } = options
  const swept: Swept[] = []
  for (const { name: board, stateDir } of boards) {
    const needed = evidence.flatMap(line => (line.board === board && line.slice ? [line.slice] : []))
    const beforeMs = systemClock.nowMs() - policy.keepDays * 24 * 60 * 60 * 1000
    const old = oldSegments(recordingFolder(stateDir), { beforeMs, needed })
    if (old.length === 0) continue
    const holder = thisProcess(process.argv.slice(2), systemClock)
    const take = async (): Promise<BoardLock> =>
      BoardLock.take(name, board, holder, { waitMs: 0, clock: systemClock, signal })
    await using lock = dryRun ? undefined : await take().catch(() => undefined)
    for (const segment of old) {
      const drop = async (): Promise<string | undefined> => {
        if (!lock) return 'the board is held'
        dropSegment(segment)
        return undefined
      }
      const stays = dryRun ? undefined : await tried(drop)
      const { dataPath: path } = segment.file
      swept.push({ what: 'recording', name: board, path, bytes: segment.bytes, ...(stays !== undefined && { stays }) })
    }
  }
  return swept
}

/** What cannot be removed must not keep the rest. */
async function tried(remove: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await remove()
  } catch (error) {
    return asFault(error).seen
  }
}
