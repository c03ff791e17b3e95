import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lines, type LogLine } from './lines.ts'

const SAID = '\u001b[0mU-Boot 2023.01\r\n\r\nGrüße aus 東京\r\n 10 %\r 20 %\r\nlogin: '
const READ = ['U-Boot 2023.01', '', 'Grüße aus 東京', ' 10 %', ' 20 %', 'login: ']

test('lines are whole wherever the bytes were cut', () => {
  const bytes = Buffer.from(SAID)
  for (let cut = 0; cut <= bytes.length; cut++)
    for (const second of [cut, Math.min(cut + 1, bytes.length)]) {
      const lines = linesOf([bytes.subarray(0, cut), bytes.subarray(cut, second), bytes.subarray(second)])
      assert.deepEqual(
        lines.map(({ text }) => text),
        READ,
        `cut at ${cut} and ${second}`,
      )
    }
})

test('a line has the offset and the time of its first byte', () => {
  const lines = linesOf(['one\ntw', 'o\n', 'three'].map(text => Buffer.from(text)))
  assert.deepEqual(lines, [
    { offset: 1000, atMs: 0, text: 'one' },
    { offset: 1004, atMs: 0, text: 'two' },
    { offset: 1008, atMs: 2, text: 'three' },
  ])
})

test('a line that never ends is given out in parts', () => {
  const bytes = Buffer.alloc(200_000, 'x')
  for (const size of [1, 1000, 65_536, 200_000]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    )
    assert.deepEqual(
      linesOf(parts).map(({ text }) => text.length),
      [65_536, 65_536, 65_536, 3392],
      `chunks of ${size}`,
    )
  }
})

function linesOf(parts: readonly Buffer[]): LogLine[] {
  const lines = new Lines()
  let offset = 1000
  const found: LogLine[] = []
  for (const [atMs, bytes] of parts.entries()) {
    found.push(...lines.add({ offset, atMs, bytes }))
    offset += bytes.length
  }
  return [...found, ...lines.end()]
}
