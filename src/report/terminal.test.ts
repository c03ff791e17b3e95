import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { stripAnsi } from '../base/text.ts'
import { fold } from '../model/fold.ts'
import { sampleFeatures, sampleRun } from '../model/fold-sample.ts'
import { displayWidth } from './columns.ts'
import { runSummary } from './terminal.ts'
import { harmless, harmlessLines } from '../base/text.ts'
import { rowsOf } from './words.ts'

const FEATURES = sampleFeatures()
const MATRIX = fold(sampleRun(), FEATURES)
const TEXT = runSummary(MATRIX, { color: false, width: 100 })

describe('runSummary', () => {
  it('begins with the matrix, in the order of the page', () => {
    assert.deepEqual(TEXT.split('\n').slice(0, 4), [
      '                     orin-1      nuc-1       nuc-2       x1-1',
      'aarch64-image-orin   ✓ pass',
      'x86-image                        ✓ pass      ✗ fail      ✓ pass',
      'rootfs-flashing      ✓ pass      ✓ pass      – blocked   ! error',
    ])
    assert.deepEqual(
      rowsOf(MATRIX),
      FEATURES.map(({ id }) => id),
    )
  })

  it('explains what did not pass: blame, expected, seen, next, console', () => {
    const story = TEXT.split('\n\n').find(block => block.startsWith('✗ netvm on nuc-1 · product/no-guest'))
    assert.match(
      story ?? '',
      /test {6}answers ping[^]*expected {2}net-vm[^]*seen {6}no route[^]*next {6}ask for[^]*│ \[ {3}81/,
    )
  })

  it('says once what one fault did to many features', () => {
    assert.equal(TEXT.match(/vanished, not back in 30 s/g)?.length, 1)
    assert.match(TEXT, /– debug-ssh, debug-serial, netvm, guivm on x1-1: infrastructure\/tty-gone, see above/)
    assert.match(TEXT, /– rootfs-flashing, debug-ssh, debug-serial, netvm, guivm on nuc-2: blocked by x86-image/)
  })

  it('ends with the totals', () => {
    assert.equal(
      TEXT.trimEnd().split('\n').at(-1),
      '✓ 10 pass   ✗ 3 fail   ! 1 error   – 9 miss   · 1 skip   4 boards, 2 min 08 s   the product failed',
    )
  })

  it('uses colours only if asked, and says the same with them', () => {
    assert.equal(stripAnsi(TEXT), TEXT)
    assert.equal(stripAnsi(runSummary(MATRIX, { color: true, width: 100 })), TEXT)
  })

  it('keeps to the width, at any point of a run', () => {
    const events = sampleRun()
    fc.assert(
      fc.property(fc.nat(events.length), fc.integer({ min: 40, max: 160 }), (n, width) => {
        const text = runSummary(fold(events.slice(0, n), FEATURES), { color: false, width })
        const blocks = text.trimEnd().split('\n').slice(0, -1)
        assert.deepEqual(
          blocks.filter(line => displayWidth(line) > width),
          [],
        )
      }),
    )
  })

  it('lets nothing a board said move the cursor', () => {
    assert.equal(harmless('a\u001b[2Jb\u001b]0;title\u0007c\rd\u0008\u009be'), 'abc d e')
    assert.equal(harmless('a\u202eb\u2028c\nd'), 'a b c d')
    assert.equal(harmlessLines('a\u001b[2J\n  b\r'), 'a\n  b ')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text =>
        assert.doesNotMatch(harmless(text), /[\u0000-\u001f\u007f-\u009f]/),
      ),
    )
  })

  it('tells how a board was brought back, what it cost and why', () => {
    const why = 'product/panic: a kernel panic on the console'
    const step = {
      type: 'recovery',
      board: 'nuc-1',
      rung: 'power-cycle',
      state: 'end',
      why,
      durationMs: 31_000,
    } as const
    const told = runSummary(fold([...sampleRun(), { at: '2026-09-01T08:09:00.000Z', ...step }], FEATURES), {
      color: false,
      width: 200,
    })
    assert.match(
      told,
      /nuc-1: power-cycle took 31 s and brought it back: product\/panic: a kernel panic on the console/,
    )
  })
})
