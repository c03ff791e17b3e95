import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readPart, recordingFolder, segmentsIn, sizeOf } from '../../../src/bench/recording/segment-files.ts'
import type { RunEvent } from '../../../src/model/event.ts'

/** What was told of a board's console: offsets that must never mean other bytes. */
export class ConsoleChecks {
  #end = 0

  /** Looks at what a run has of it, in its own folder and in that of the board. */
  check(events: readonly RunEvent[], runFolder: string, board: string, stateDir: string): void {
    const begun = events.find(event => event.type === 'recording')
    const segments = segmentsIn(recordingFolder(stateDir)).map(segment => ({
      ...segment,
      end: segment.start + sizeOf(segment.dataPath),
    }))
    for (const [n, { start }] of segments.entries())
      assert.ok(n === 0 || start >= segments[n - 1]!.end, `an offset from ${start} on is used twice`)
    if (!begun) return
    const { from } = begun
    assert.ok(
      from >= this.#end,
      `the console of the run begins at ${from}, before the end of the last one, ${this.#end}`,
    )
    const path = join(runFolder, board, 'console.log')
    const copy = readPart(path, 0, sizeOf(path))
    this.#end = from + copy.length
    for (const { start, end, dataPath } of segments) {
      const [low, high] = [Math.max(start, from), Math.min(end, this.#end)]
      if (low >= high) continue
      const kept = readPart(dataPath, low - start, high - low)
      assert.ok(kept.equals(copy.subarray(low - from, high - from)), `bytes ${low} to ${high} differ in ${dataPath}`)
    }
  }
}
