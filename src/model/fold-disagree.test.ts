import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cell } from './cell.ts'
import { withDisagreements } from './fold-disagree.ts'

const CELL: Cell = {
  ...{ feature: 'f', board: 'a', type: 'nuc', twin: false, verdict: 'pass', tests: [] },
  ...{ imageSha256: 'x', imageName: null, commit: null, variant: null, line: null },
}

const CASES: [string, Partial<Cell>, Partial<Cell>, boolean][] = [
  ['the opposite of one image', {}, {}, true],
  ['the same', {}, { verdict: 'pass' }, false],
  ['nothing', {}, { verdict: 'miss' }, false],
  ['of another feature', {}, { feature: 'g' }, false],
  ['of another type of board', {}, { type: 'x1' }, false],
  ['of a twin', {}, { twin: true }, false],
  ['of another image', {}, { imageSha256: 'y' }, false],
  ['of an image that nobody knows', { imageSha256: null }, { imageSha256: null }, false],
  ['while this one found nothing', { verdict: 'skip' }, {}, false],
]

for (const [name, own, other, disagrees] of CASES)
  test(`a board that found ${name} ${disagrees ? 'disagrees' : 'does not disagree'}`, () => {
    const cells = [
      { ...CELL, ...own },
      { ...CELL, board: 'b', verdict: 'fail' as const, ...other },
    ]
    const found = withDisagreements(cells).map(cell => cell.disagrees)
    assert.deepEqual(found, disagrees ? [['b'], ['a']] : [undefined, undefined])
  })
