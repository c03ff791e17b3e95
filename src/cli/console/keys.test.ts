import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Keys, type Typed } from './keys.ts'

function typed(...chunks: string[]): string[] {
  const keys = new Keys()
  const say = (what: Typed): string => ('command' in what ? `<${what.command}>` : what.bytes.toString('latin1'))
  return chunks.flatMap(chunk => keys.feed(Buffer.from(chunk, 'latin1')).map(say))
}

const CASES: [what: string, keys: string, meaning: string][] = [
  ['plain keys, Ctrl-C among them', 'ls\r\x03', 'ls\r\x03'],
  ['leave, both ways', 'a\x1d.b\x1dq', 'a<leave>b<leave>'],
  ['every other command', '\x1dc\x1dr\x1dw\x1d?', '<claim><release><size><help>'],
  ['a Ctrl-] for the board', 'a\x1d\x1d.', 'a\x1d.'],
  ['what is no command', '\x1dx', 'x'],
  ['bytes that are no text', '\xff\x00', '\xff\x00'],
]
for (const [what, text, meaning] of CASES)
  test(what, () => {
    for (let cut = 0; cut <= text.length; cut++)
      assert.equal(typed(text.slice(0, cut), text.slice(cut)).join(''), meaning, `cut at ${cut}`)
  })
