import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { writePieces } from './pieces.ts'

const folder = mkdtempSync(join(tmpdir(), 'hil-pieces-'))
const path = join(folder, 'text')
after(() => rmSync(folder, { recursive: true, force: true }))

describe('writePieces', () => {
  it('writes what the pieces are together, few or many, short or long, and in place of what was there', () => {
    const piece = fc.constantFrom(
      '',
      'a',
      '✅',
      '\n',
      'x'.repeat(65_535),
      'ä'.repeat(65_536),
      '\u{1f600}'.repeat(40_000),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), pieces => {
        writePieces(path, pieces)
        assert.ok(readFileSync(path, 'utf8') === pieces.join(''))
      }),
    )
  })

  it('says what the system says, and closes the file also when a piece cannot be made', () => {
    assert.throws(() => writePieces(join(folder, 'none', 'text'), ['a']), { code: 'ENOENT' })
    function* broken(): Generator<string> {
      yield 'a'
      throw new Error('no more')
    }
    // More often than a process may have files open.
    for (let n = 0; n < 100; n++) assert.throws(() => writePieces(path, broken()), /no more/)
  })
})
