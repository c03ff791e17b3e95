import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from './cell.ts'
import type { TestResult } from './event.ts'
import { testsToRepeat } from './rerun.ts'
import type { Verdict } from './verdict.ts'

type Told = [feature: string, title: string, verdict: Verdict, rerun?: number]

function results(told: Told[]): TestResult[] {
  return told.map(([feature, title, verdict, rerun]) => ({
    ...{ feature, title, verdict, durationMs: 1, attempt: 0 },
    ...(rerun !== undefined && { rerun }),
  }))
}

function cells(fails: string[]): Cell[] {
  const image = { imageSha256: null, imageName: null, commit: null, variant: null, line: null }
  return fails.map(feature => ({ ...image, feature, board: 'b', type: 't', twin: true, verdict: 'fail', tests: [] }))
}

const CASES: [string, Told[], Told[], string[]][] = [
  ['nothing of what passes', [['f', 'a', 'pass']], [], []],
  [
    'what failed, not its neighbours',
    [
      ['f', 'a', 'fail'],
      ['f', 'b', 'pass'],
      ['g', 'a', 'pass'],
    ],
    [],
    ['f a'],
  ],
  [
    'every test that failed',
    [
      ['f', 'a', 'fail'],
      ['f', 'b', 'fail'],
      ['g', 'c', 'fail'],
    ],
    [],
    ['f a', 'f b', 'g c'],
  ],
  [
    'no error and no miss',
    [
      ['f', 'a', 'error'],
      ['f', 'b', 'miss'],
    ],
    [],
    [],
  ],
  ['not what failed again', [['f', 'a', 'fail']], [['f', 'a', 'fail', 1]], []],
  ['what did not, once more', [['f', 'a', 'fail']], [['f', 'a', 'pass', 1]], ['f a']],
  [
    'after two rounds nothing',
    [['f', 'a', 'fail']],
    [
      ['f', 'a', 'pass', 1],
      ['f', 'a', 'pass', 2],
    ],
    [],
  ],
  [
    'after two rounds that could not conclude nothing',
    [['f', 'a', 'fail']],
    [
      ['f', 'a', 'error', 1],
      ['f', 'a', 'error', 2],
    ],
    [],
  ],
  [
    'not by the re-runs of another',
    [
      ['f', 'a', 'fail'],
      ['g', 'a', 'fail'],
    ],
    [['g', 'a', 'fail', 1]],
    ['f a'],
  ],
  ['nothing that another feature blocks', [['blocked', 'a', 'fail']], [], []],
  [
    'a pass that would lift a ❌, all of it',
    [
      ['d', 'a', 'pass'],
      ['d', 'b', 'pass'],
      ['d', 'c', 'skip'],
    ],
    [],
    ['d a', 'd b'],
  ],
  ['that pass twice', [['d', 'a', 'pass']], [['d', 'a', 'pass', 1]], ['d a']],
  [
    'and no third time',
    [['d', 'a', 'pass']],
    [
      ['d', 'a', 'pass', 1],
      ['d', 'a', 'pass', 2],
    ],
    [],
  ],
  [
    'of a ❌ that fails only what failed',
    [
      ['d', 'a', 'pass'],
      ['d', 'b', 'fail'],
    ],
    [],
    ['d b'],
  ],
  [
    'no pass beside an error',
    [
      ['d', 'a', 'pass'],
      ['d', 'b', 'error'],
    ],
    [],
    [],
  ],
]

describe('testsToRepeat names', () => {
  for (const [name, tests, reruns, expected] of CASES)
    it(name, () => {
      const again = testsToRepeat({
        cells: cells(['f', 'g', 'd']),
        tests: results(tests),
        reruns: results(reruns),
        doubted: new Set(['d']),
      })
      assert.deepEqual(
        again.map(({ feature, title }) => `${feature} ${title}`),
        expected,
      )
    })
})
