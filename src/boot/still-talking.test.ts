import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StillTalking } from './still-talking.ts'

/** What is given at each end of the time so far, `ends` being how far the console had come by then. */
function given(learnedMs: number, wholeMs: number | undefined, ends: readonly number[]): number[] {
  const left = [...ends]
  const talking = new StillTalking(learnedMs, wholeMs, () => left.shift()!)
  return ends.map(() => talking.moreMs())
}

const CASES: [string, number, number | undefined, number[], number[]][] = [
  ['a limit that nobody learned is what it is', 60_000, undefined, [5, 9], [0, 0]],
  ['one that is the whole limit too', 60_000, 60_000, [5, 9], [0, 0]],
  ['silence is waited for once', 60_000, 180_000, [5, 5], [10_000, 0]],
  ['and also one that said nothing at all', 60_000, 180_000, [0, 0], [10_000, 0]],
  ['a board that talks is waited for', 60_000, 180_000, [5, 6, 7, 7], [10_000, 10_000, 10_000, 0]],
  ['up to the whole limit', 60_000, 85_000, [5, 6, 7, 8], [10_000, 10_000, 5000, 0]],
]

for (const [name, learnedMs, wholeMs, ends, gives] of CASES)
  test(name, () => assert.deepEqual(given(learnedMs, wholeMs, ends), gives))
