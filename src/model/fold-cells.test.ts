import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Cell } from './cell.ts'
import type { NewEvent } from './event.ts'
import type { Feature } from './feature.ts'
import { fold } from './fold.ts'
import { SAMPLE_IMAGE, SampleLog } from './fold-sample.ts'
import { row } from './status-test-kit.ts'

const rowOf = (id: string, more: object = {}): Feature => row(['x86'], { id, ...more })
const ROWS = [
  rowOf('image', { bootsImage: true }),
  rowOf('a'),
  rowOf('b', { requires: ['a'] }),
  rowOf('c', { requires: ['b'] }),
]
const ENDED: NewEvent = { type: 'run-ended', exitCode: 0, durationMs: 1 }

function cellsOf(features: string[], tell: (log: SampleLog) => SampleLog, rows = ROWS): readonly Cell[] {
  const board = { board: 'n', type: 'nuc', twin: false, image: SAMPLE_IMAGE, features }
  const started: NewEvent = {
    type: 'run-started',
    run: 'r',
    version: '0',
    command: [],
    bench: 'b',
    boards: [board],
    left: [],
  }
  return fold(tell(new SampleLog().add(0, started)).events, rows).cells
}

/** `feature: verdict (reason)`, a line each. */
function told(cells: readonly Cell[]): string[] {
  return cells.map(
    ({ feature, verdict, reason }) => `${feature}: ${verdict}${reason === undefined ? '' : ` (${reason})`}`,
  )
}

describe('the cells of a board', () => {
  it('stand in the order of the page, those of unknown rows last', () => {
    const cells = cellsOf(['b', 'z', 'a'], log => log.test('n', 'y', 't').test('n', 'image', 't'))
    assert.deepEqual(
      cells.map(({ feature }) => feature),
      ['image', 'a', 'b', 'z', 'y'],
    )
  })

  it('say why nothing is known of them', () => {
    assert.deepEqual(told(cellsOf(['a'], log => log)), ['a: miss (its tests have not begun)'])
    assert.deepEqual(told(cellsOf(['a'], log => log.add(1, ENDED))), ['a: miss (no test of it ran)'])
    const passing = cellsOf(['a'], log => log.test('n', 'a', 't'))
    assert.deepEqual(told(passing), ['a: miss (passes so far; the log ends before its tests did)'])
  })

  it('name the root of what blocks them, where it was in the run', () => {
    const blocked = cellsOf(['a', 'b', 'c'], log => log.test('n', 'a', 't', { verdict: 'fail' }).add(1, ENDED))
    assert.deepEqual(
      blocked.map(cell => cell.blockedBy),
      [undefined, 'a', 'a'],
    )
    assert.equal(blocked[2]?.reason, 'a failed on this board and image')
    assert.deepEqual(told(cellsOf(['b'], log => log.add(1, ENDED))), ['b: miss (no test of it ran)'])
  })

  it('survive rows that require each other', () => {
    const rows = [rowOf('a', { requires: ['b'] }), rowOf('b', { requires: ['a'] })]
    assert.deepEqual(told(cellsOf(['a', 'b'], log => log.add(1, ENDED), rows)), [
      'a: miss (no test of it ran)',
      'b: miss (no test of it ran)',
    ])
  })

  const WAYS: [FaultCode, boolean][] = [
    ['product/no-boot', true],
    ['product/no-login', true],
    ['product/no-shell', true],
    ['product/ssh-closed', true],
    ['product/ssh-auth', true],
    ['product/hang', false],
    ['product/no-guest', true],
  ]
  for (const [code, isEntry] of WAYS)
    it(`${isEntry ? 'are blocked' : 'fail by themselves'} when what they require ended by ${code} too`, () => {
      const fault = new Fault(code, { expected: 'a', seen: 'b' }).record()
      const by = { verdict: 'fail', blame: 'product', fault } as const
      const [, b] = cellsOf(['a', 'b'], log => log.test('n', 'a', 't', by).test('n', 'b', 't', by).add(1, ENDED))
      assert.deepEqual([b?.verdict, b?.blockedBy], isEntry ? ['miss', 'a'] : ['fail', undefined])
    })

  it('fail by their own way in where what they require failed otherwise', () => {
    const fault = new Fault('product/ssh-auth', { expected: 'a', seen: 'b' }).record()
    const [, b] = cellsOf(['a', 'b'], log =>
      log.test('n', 'a', 't', { verdict: 'fail' }).test('n', 'b', 't', { verdict: 'fail', fault }).add(1, ENDED),
    )
    assert.deepEqual([b?.verdict, b?.fault?.code], ['fail', 'product/ssh-auth'])
  })

  it('carry the image of the fault that struck the image row, and the reason of a skip', () => {
    const panic = new Fault('product/panic', { expected: 'life', seen: 'death' })
    const other = { ...SAMPLE_IMAGE, sha256: 'c'.repeat(64), position: 9 }
    const [image] = cellsOf(['image'], log => log.flashed('n', other).fault('n', panic, 'boot').add(1, ENDED))
    assert.deepEqual([image?.imageSha256, image?.position, image?.blame], [other.sha256, 9, 'product'])
    const skipped = cellsOf(['a'], log => log.test('n', 'a', 't', { verdict: 'skip', reason: 'no need' }).add(1, ENDED))
    assert.deepEqual(told(skipped), ['a: skip (no need)'])
    const passed = cellsOf(['a'], log => log.test('n', 'a', 't', { reason: 'for fun' }).add(1, ENDED))
    assert.deepEqual(told(passed), ['a: pass'])
  })

  it('carry the image they were tested on, whatever a cable did after another one was flashed', () => {
    const tty = new Fault('infrastructure/tty-gone', { expected: 'a tty', seen: 'none' })
    const other = { ...SAMPLE_IMAGE, sha256: 'c'.repeat(64) }
    const [image, a] = cellsOf(['image', 'a'], log =>
      log.test('n', 'image', 't').test('n', 'a', 't').flashed('n', other).fault('n', tty, 'boot').add(1, ENDED),
    )
    assert.deepEqual([image?.imageSha256, a?.imageSha256], [SAMPLE_IMAGE.sha256, SAMPLE_IMAGE.sha256])
  })

  it('count the re-runs of their own tests only', () => {
    const [a, c] = cellsOf(['a', 'c'], log =>
      log
        .test('n', 'a', 't', { verdict: 'fail' })
        .test('n', 'c', 't')
        .test('n', 'a', 't', { verdict: 'fail', rerun: 1 })
        .add(1, ENDED),
    )
    assert.deepEqual([a?.verdict, a?.reruns, c?.verdict, c?.reruns], ['fail', { ran: 1, agreed: 1 }, 'pass', undefined])
  })
})
