import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from './fault.ts'
import { linesOf, linesOfFile } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'hil-lines-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function ofFile(text: string): string[] {
  const path = join(folder, 'text')
  writeFileSync(path, text)
  return [...linesOfFile(path)]
}

describe('lines', () => {
  it('are those of split, of a text and of a file', () => {
    const texts = fc.array(fc.constantFrom('\n', 'a', 'ä', '✅', '\r', ' '), { maxLength: 12 }).map(all => all.join(''))
    fc.assert(
      fc.property(texts, text => {
        assert.deepEqual([...linesOf(text)], text.split('\n'))
        assert.deepEqual(ofFile(text), text.split('\n'))
      }),
    )
  })

  it('are whole where a file is read in pieces, in the middle of a character too, and longer than a piece', () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = `${'x'.repeat(shift)}${'✅'.repeat(700_000)}\n${'one line\n'.repeat(200_000)}the end`
      assert.ok(ofFile(text).join('\n') === text)
    }
  })

  it('of a file that cannot be read are a fault that names it and says why', () => {
    const unreadable = [
      [join(folder, 'nowhere'), /ENOENT/],
      [folder, /EISDIR/],
    ] as const
    for (const [path, why] of unreadable)
      assert.throws(
        () => [...linesOfFile(path)],
        (fault: unknown) =>
          fault instanceof Fault &&
          fault.code === 'configuration/run-log' &&
          fault.expected.includes(path) &&
          why.test(fault.seen),
      )
  })
})
