import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { systemClock } from '../../base/time.ts'
import { Recording } from '../recording.ts'
import { sightingsIn, watchLines, type Sighting } from './watch-lines.ts'

const never = (): never => assert.fail('no fault expected')

/** What is told when the text comes in these pieces. */
function told(pieces: readonly string[]): Sighting[] {
  using recording = new Recording(undefined, systemClock, never)
  const sightings: Sighting[] = []
  using _watch = watchLines(recording, sighting => sightings.push(sighting))
  for (const piece of pieces) if (piece) recording.append(Buffer.from(piece, 'latin1'))
  return sightings
}

const TEXT = [
  'U-Boot SPL 2024.04\r\nError reading cluster\r\nSPL: failed to boot from all boot devices\r\n',
  '\u001b[0m[    2.200000] VFS: ready\r\nhello wor[    2.300000] Kernel panic - not syncing: Fatal exception\r\n[    2.4',
  '00000] CPU: 0\r\n[    3.000000] Out of memory: Killed process 7 (x) total-vm:1kB\r\n',
].join('')
const WHOLE = told([TEXT])

test('every line of trouble is told once, with its offset', () => {
  assert.deepEqual(
    WHOLE.map(({ offset, line }) => [offset, line]),
    [
      'Error reading cluster',
      'SPL: failed to boot from all boot devices',
      'Kernel panic - not syncing: Fatal exception',
      'Out of memory: Killed process 7 (x) total-vm:1kB',
    ].map(line => [TEXT.indexOf(line), line]),
  )
})

test('cut anywhere it is the same', () => {
  for (let cut = 0; cut <= TEXT.length; cut++)
    assert.deepEqual(told([TEXT.slice(0, cut), TEXT.slice(cut)]), WHOLE, `${cut}`)
  assert.deepEqual(told(TEXT.split('')), WHOLE)
})

test('in random pieces a recording of a board tells the same as whole', () => {
  const text = readFileSync(new URL('corpus/oom.log', import.meta.url), 'latin1')
  const whole = [...sightingsIn(text)]
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 40 }), cuts => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length]
      assert.deepEqual(told(at.slice(1).map((to, n) => text.slice(at[n], to))), whole)
    }),
    { numRuns: 300 },
  )
})

test('a panic behind a line that never ended is told', () => {
  const sightings = told(['#'.repeat(100_000), '[    1.000000] Kernel panic - not syncing: x', '.'.repeat(100), '\n'])
  assert.deepEqual(
    sightings.map(({ offset }) => offset),
    [100_000 + '[    1.000000] '.length],
  )
})

test('a line without an end is judged in pieces, and told once', () => {
  const panic = '[    1.000000] Kernel panic - not syncing: x'
  for (const before of [7800, 8100, 8170, 8192, 8200, 9000]) {
    const text = `${'#'.repeat(before)}${panic}${'#'.repeat(20_000)}`
    assert.equal(told(text.match(/.{1,50}/g)!).length, 1, `behind ${before}`)
  }
})

test('where a line is cut, none begins', () => {
  const loader = 'SPL: failed to boot from all boot devices'
  for (let before = 7600; before < 8200; before++)
    assert.equal(
      told([`${'#'.repeat(before)}${loader}${'#'.repeat(8192)}`, loader, '\n']).length,
      0,
      `behind ${before}`,
    )
})

test('what was said before is not looked at', () => {
  using recording = new Recording(undefined, systemClock, never)
  recording.append(Buffer.from('[    1.000000] Kernel panic - not syncing: old\n'))
  using _watch = watchLines(recording, () => assert.fail('told'))
  recording.append(Buffer.from('U-Boot 2023.01\n'))
})
