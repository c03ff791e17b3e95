import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Asciicast } from './asciicast.ts'

test('an asciicast has a header and an event for every chunk; letters that were cut stay whole', () => {
  const cast = new Asciicast('console of nuc-1')
  const bytes = Buffer.from('\u001b[1mGrüße 東京\r\n')
  const texts: string[] = []
  for (const [n, byte] of bytes.entries())
    texts.push(...cast.heard({ offset: n, atMs: 1_785_000_000_500 + n, bytes: Buffer.of(byte) }))
  texts.push(...cast.mark({ offset: bytes.length, atMs: 1_785_000_000_000, power: 'on' }))
  const [header, ...events] = texts.map(text => JSON.parse(text) as unknown)
  assert.deepEqual(header, {
    version: 2,
    width: 80,
    height: 24,
    timestamp: 1_785_000_000,
    title: 'console of nuc-1',
    idle_time_limit: 2,
  })
  const all = events as [number, string, string][]
  const drawn = all.filter(([, code]) => code === 'o')
  assert.equal(drawn.map(([, , text]) => text).join(''), bytes.toString())
  assert.equal(drawn.length, Array.from(bytes.toString()).length)
  assert.deepEqual(all[0], [0, 'o', '\u001b'])
  assert.deepEqual(all.at(-1), [(bytes.length - 1) / 1000, 'm', 'power on'], 'a clock set back does not go back')
  for (const [n, [at]] of all.entries()) assert.ok(n === 0 || at >= all[n - 1]![0])
})
