import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Telnet } from './telnet.ts'

const IAC = 255
const [DONT, DO, WONT, WILL, SB, SE] = [254, 253, 252, 251, 250, 240]
const [BINARY, ECHO, SGA, TERMINAL_TYPE, COM_PORT] = [0, 1, 3, 24, 44]

function telnet() {
  const said: number[] = []
  const data: number[] = []
  const subs: [number, number[]][] = []
  const answers: [number, boolean][] = []
  const protocol = new Telnet(
    {
      data: chunk => void data.push(...chunk),
      send: bytes => void said.push(...bytes),
      answered: (option, agreed) => void answers.push([option, agreed]),
      subnegotiation: (option, bytes) => void subs.push([option, [...bytes]]),
    },
    [COM_PORT],
  )
  return { protocol, said, data, subs, answers }
}

/** A server that agreed to a binary line. */
function binary() {
  const t = telnet()
  t.protocol.start()
  t.protocol.feed(Uint8Array.of(IAC, DO, BINARY, IAC, WILL, BINARY))
  t.said.length = 0
  return t
}

test('a binary line carries any bytes, chopped anyhow', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(400), (bytes, cut) => {
      const { protocol, data } = binary()
      const wire = protocol.escape(bytes)
      protocol.feed(wire.subarray(0, cut))
      protocol.feed(wire.subarray(cut))
      assert.deepEqual(Uint8Array.from(data), bytes)
    }),
  )
})

test('a line that is not binary: CR NUL for a CR, in both directions', () => {
  const { protocol, data } = telnet()
  protocol.start()
  protocol.feed(Uint8Array.of(IAC, DONT, BINARY, IAC, WONT, BINARY))
  assert.deepEqual([...protocol.escape(Buffer.from('a\rb\r\n'))], [...Buffer.from('a\r\0b\r\n')])
  const wire = Buffer.from('a\r\0b\r\nc\r\rd\0')
  for (const byte of wire) protocol.feed(Uint8Array.of(byte))
  assert.equal(Buffer.from(data).toString(), 'a\rb\r\nc\r\rd\0')
})

test('commands are taken out of the data at every cut', () => {
  const wire = Uint8Array.of(
    ...Buffer.from('ab'),
    ...[IAC, SB, COM_PORT, 101, IAC, IAC, 0, IAC, SE],
    ...Buffer.from('cd'),
    ...[IAC, 241],
    ...[IAC, IAC],
    ...Buffer.from('ef'),
  )
  for (let cut = 0; cut <= wire.length; cut++) {
    const { protocol, data, subs } = binary()
    protocol.feed(wire.subarray(0, cut))
    protocol.feed(wire.subarray(cut))
    assert.deepEqual(data, [...Buffer.from('abcd'), IAC, ...Buffer.from('ef')], `cut at ${cut}`)
    assert.deepEqual(subs, [[COM_PORT, [101, IAC, 0]]])
  }
})

test('it agrees to what it knows, refuses the rest, and answers an answer with silence', () => {
  const { protocol, said, answers } = binary()
  protocol.feed(Uint8Array.of(IAC, DO, COM_PORT, IAC, DO, SGA, IAC, WILL, SGA))
  assert.deepEqual(said, [])
  assert.deepEqual(answers, [
    [BINARY, true],
    [COM_PORT, true],
    [SGA, true],
  ])
  protocol.feed(Uint8Array.of(IAC, WILL, ECHO, IAC, WILL, TERMINAL_TYPE, IAC, DO, TERMINAL_TYPE))
  assert.deepEqual(said, [IAC, DO, ECHO, IAC, DONT, TERMINAL_TYPE, IAC, WONT, TERMINAL_TYPE])
  said.length = 0
  protocol.feed(Uint8Array.of(IAC, WILL, ECHO, IAC, DO, COM_PORT))
  assert.deepEqual(said, [], 'what is in force already')
  protocol.feed(Uint8Array.of(IAC, WONT, ECHO, IAC, WONT, ECHO))
  assert.deepEqual(said, [IAC, DONT, ECHO], 'given up once')
})

test('bytes 255 of a subnegotiation are escaped', () => {
  const { protocol, said } = binary()
  protocol.subnegotiate(COM_PORT, [1, 0, 255, 0, 0])
  assert.deepEqual(said, [IAC, SB, COM_PORT, 1, 0, 255, 255, 0, 0, IAC, SE])
})
