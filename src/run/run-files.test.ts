import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { RunFolder } from './run-files.ts'

const LINES = 20_000
const BEGIN = 5000
const T0 = 1_788_249_600_000

const folder = mkdtempSync(join(tmpdir(), 'hil-run-files-'))
after(() => rmSync(folder, { recursive: true }))

// 20 000 lines of 10 bytes, 100 ms apart, with a mark now and then: an index of half a megabyte.
mkdirSync(join(folder, 'nuc-1'))
writeFileSync(
  join(folder, 'nuc-1/console.log'),
  Array.from({ length: LINES }, (_, n) => `${String(n).padEnd(9)}\n`).join(''),
)
writeFileSync(
  join(folder, 'nuc-1/console.log.idx'),
  `{"opened":3,"offset":${BEGIN},"atMs":${T0}}\n${Array.from({ length: LINES }, (_, n) => {
    const at = `${BEGIN + n * 10},${T0 + n * 100}`
    return `${n % 1000 === 500 ? `{"gap":"unplugged","offset":${BEGIN + n * 10},"atMs":${T0 + n * 100}}\n` : ''}[${at}]\n`
  }).join('')}`,
)
writeFileSync(join(folder, 'note.txt'), 'hello')
const files = new RunFolder(folder)

describe('RunFolder', () => {
  it('gives any slice of a console, its end where that is too much, with the arrivals of its bytes', () => {
    fc.assert(
      fc.property(fc.nat(LINES * 10), fc.nat(3000), fc.integer({ min: 1, max: 2000 }), (from, length, maxBytes) => {
        const to = Math.min(LINES * 10, from + length)
        const got = files.console('nuc-1', { from: BEGIN + from, to: BEGIN + to }, maxBytes)
        if (from === to) return assert.equal(got, undefined)
        assert.ok(got)
        const kept = Math.min(to - from, maxBytes)
        assert.deepEqual([got.from, got.bytes.length, got.leftOutBytes], [to - kept, kept, to - from - kept])
        const first = Math.floor(got.from / 10)
        assert.deepEqual(got.arrivals[0], [first * 10 - got.from, T0 + first * 100])
        return assert.equal(got.arrivals.length, Math.ceil(to / 10) - first)
      }),
    )
  })

  it('gives what was said in a span of time', () => {
    fc.assert(
      fc.property(fc.nat(LINES - 1), fc.integer({ min: 1, max: 50 }), (n, count) => {
        const got = files.consoleBetween('nuc-1', T0 + n * 100 - 50, T0 + (n + count) * 100 - 50, 1 << 20)
        assert.equal(got?.from, n * 10)
        assert.equal(got?.bytes.length, Math.min(count, LINES - n) * 10)
      }),
    )
    assert.equal(files.consoleBetween('nuc-1', T0 + LINES * 100, T0 + LINES * 200, 100), undefined)
  })

  it('has nothing of a board that was not recorded, and no times where the index is gone', () => {
    assert.equal(files.console('nuc-2', { from: 0, to: 10 }, 100), undefined)
    mkdirSync(join(folder, 'old'))
    writeFileSync(join(folder, 'old/console.log'), 'abcdef')
    const got = files.console('old', { from: 2, to: 4 }, 100)
    assert.deepEqual([got?.bytes.toString(), got?.arrivals], ['cd', []])
  })

  it('reads what is in the folder, whole and small enough, and nothing outside', () => {
    assert.equal(files.read('note.txt', 5)?.toString(), 'hello')
    assert.equal(files.read('note.txt', 4), undefined)
    assert.equal(files.read('nothing', 5), undefined)
    assert.equal(files.read('nuc-1', 1e6), undefined)
    for (const path of ['../../etc/hostname', '/etc/hostname', '..', '.', 'nuc-1/../../x'])
      assert.equal(files.read(path, 1e6), undefined)
  })
})
