import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paced, type Pace } from './pace.ts'

const CASES: [what: string, text: string, pace: Pace, pieces: [text: string, pauseMs: number][]][] = [
  ['no pace: all at once', 'a\nb', {}, [['a\nb', 0]]],
  ['nothing to write', '', { writePaceMs: 5 }, []],
  [
    'every byte',
    'ab\n',
    { writePaceMs: 5 },
    [
      ['a', 5],
      ['b', 5],
      ['\n', 5],
    ],
  ],
  [
    'every line, however it ends',
    'ab\ncd\r\nef\rgh',
    { linePaceMs: 50 },
    [
      ['ab\n', 50],
      ['cd\r\n', 50],
      ['ef\r', 50],
      ['gh', 0],
    ],
  ],
  [
    'both: the longer pause behind a line',
    'a\n',
    { writePaceMs: 5, linePaceMs: 50 },
    [
      ['a', 5],
      ['\n', 50],
    ],
  ],
]
for (const [what, text, pace, pieces] of CASES)
  test(what, () => {
    const got = [...paced(Buffer.from(text), pace)]
    assert.deepEqual(
      got.map(({ bytes, pauseMs }) => [Buffer.from(bytes).toString(), pauseMs]),
      pieces,
    )
  })
