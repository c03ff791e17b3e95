import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgeLost, type Lost } from './judge-lost.ts'

const CASES: [string, Partial<Lost>, ReturnType<typeof judgeLost>][] = [
  ['silent to a probe with its power on: it hangs', { console: 'silent', power: 'on' }, 'product/hang'],
  ['something is heard of it, and no answer: its line may be bad', { console: 'garbled', power: 'on' }, undefined],
  ['silent without power: somebody took it', { console: 'silent', power: 'off' }, undefined],
  ['silent, its power cannot be read', { console: 'silent', power: 'unknown' }, undefined],
  ['the adapter of its console went too', { console: 'away', power: 'on' }, undefined],
  ['that, of a guest', { console: 'away', isGuestOverSerial: true }, undefined],
  ['up, and nothing listens', { listens: false }, 'product/ssh-closed'],
  ['up, and it listens: its own cable may be out', { listens: true }, undefined],
  ['up, and it does not say', {}, undefined],
  ['up, its guest is gone', { isGuestOverSerial: true }, 'product/no-guest'],
  ['up, its guest is gone, whatever else listens', { isGuestOverSerial: true, listens: false }, 'product/no-guest'],
  ['a guest of a host that hangs', { console: 'silent', isGuestOverSerial: true }, 'product/hang'],
  ['silent, and what it said before counts no more', { console: 'silent', power: 'off', listens: false }, undefined],
]

describe('a lost SSH connection of a board that is', () => {
  for (const [name, lost, code] of CASES)
    it(name, () =>
      assert.equal(judgeLost({ console: 'answers', power: 'on', isGuestOverSerial: false, ...lost }), code),
    )
})
