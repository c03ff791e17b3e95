import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { CHANNELS, Demultiplexer, encode, ESCAPE, type Channel } from './format.ts'

type Said = [channel: Channel, text: string]

/** What the channels said, neighbours of one channel joined. */
function taken(...chunks: Uint8Array[]): Said[] {
  const said: Said[] = []
  const demultiplexer = new Demultiplexer((channel, bytes) => {
    const text = Buffer.from(bytes).toString('latin1')
    const last = said.at(-1)
    if (last?.[0] === channel) last[1] += text
    else said.push([channel, text])
  })
  for (const chunk of chunks) demultiplexer.feed(chunk)
  return said
}

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

// A boot as the sources describe it: a restart, the firmware, Linux, a byte FF, the power controller in the middle.
const BOOT = latin1(
  'mb1\r\n\xff\xfd\xff\xe0spe up\r\n\xff\xe2bpmp\r\n\xff\xe1[0.0] Linux \xff\xff\r\n\xff\xe2b2\xff\xe1rest\xff\xfdagain',
)
const SAID: Said[] = [
  ['ccplex', 'mb1\r\n'],
  ['spe', 'spe up\r\n'],
  ['bpmp', 'bpmp\r\n'],
  ['ccplex', '[0.0] Linux \xff\r\n'],
  ['bpmp', 'b2'],
  ['ccplex', 'restagain'],
]

test('a line is taken apart the same, wherever it is cut', () => {
  for (let cut = 0; cut <= BOOT.length; cut++)
    assert.deepEqual(taken(BOOT.subarray(0, cut), BOOT.subarray(cut)), SAID, `cut at ${cut}`)
  assert.deepEqual(taken(...[...BOOT].map(byte => Uint8Array.of(byte))), SAID, 'byte by byte')
})

test('what is encoded comes back, whatever bytes and channels, chopped anyhow', () => {
  const part = fc.tuple(fc.constantFrom(...CHANNELS), fc.uint8Array({ minLength: 1, maxLength: 20 }))
  const manyEscapes = fc.array(fc.constantFrom(ESCAPE, 0xe1, 0xfd, 0x41), { minLength: 1, maxLength: 20 })
  const escaped = fc.tuple(
    fc.constantFrom(...CHANNELS),
    manyEscapes.map(bytes => Uint8Array.from(bytes)),
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(part, escaped), { maxLength: 10 }), fc.array(fc.nat(300)), (parts, cuts) => {
      const wire = Buffer.concat(parts.map(([channel, bytes]) => encode(channel, bytes)))
      const places = [0, ...cuts.filter(cut => cut < wire.length).sort((a, b) => a - b), wire.length]
      const chunks = places.slice(1).map((to, n) => wire.subarray(places[n], to))
      const said: Said[] = []
      for (const [channel, bytes] of parts) {
        if (said.at(-1)?.[0] === channel) said.at(-1)![1] += Buffer.from(bytes).toString('latin1')
        else said.push([channel, Buffer.from(bytes).toString('latin1')])
      }
      assert.deepEqual(taken(...chunks), said)
    }),
  )
})

test('what is no escape is kept as it came', () => {
  const noise = latin1('a\xffb\xff\x00c\xff\xf7')
  assert.deepEqual(taken(noise), [['ccplex', 'a\xffb\xff\x00c\xff\xf7']])
})

test('after a gap nothing is remembered', () => {
  const said: Said[] = []
  const demultiplexer = new Demultiplexer((channel, bytes) => void said.push([channel, Buffer.from(bytes).toString()]))
  demultiplexer.feed(latin1('\xff\xe2bpmp\xff'))
  demultiplexer.restart()
  demultiplexer.feed(latin1('\x41'))
  assert.deepEqual(said, [
    ['bpmp', 'bpmp'],
    ['ccplex', 'A'],
  ])
})
