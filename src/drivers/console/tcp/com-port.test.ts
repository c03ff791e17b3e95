import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredBy, portCommands } from './com-port.ts'

const named = (settings: Parameters<typeof portCommands>[0]): string[] => portCommands(settings).map(({ name }) => name)

test('a port is 115200 8N1 unless told otherwise, and DTR and RTS stay unless named', () => {
  const usual = ['115200 baud', '8 data bits', 'parity none', '1 stop bits', 'no flow control']
  assert.deepEqual(named({}), usual)
  assert.deepEqual(named({ dtr: true, rts: false }), [...usual, 'DTR on', 'RTS off'])
  const [baud, bits, parity, stop, flow, dtr, rts] = portCommands({
    baudRate: 1_500_000,
    dataBits: 7,
    parity: 'even',
    stopBits: 1.5,
    dtr: false,
    rts: true,
  }).map(({ bytes }) => bytes)
  assert.deepEqual(baud, [1, 0x00, 0x16, 0xe3, 0x60])
  assert.deepEqual(
    [bits, parity, stop, flow, dtr, rts],
    [
      [2, 7],
      [3, 3],
      [4, 3],
      [5, 1],
      [5, 9],
      [5, 11],
    ],
  )
})

test('an answer is that of the command it repeats; another value is another setting', () => {
  const open = portCommands({ dtr: true })
  const answer = (...bytes: number[]) => {
    const found = answeredBy(Uint8Array.from(bytes), open)
    return found && [found.command.name, found.as]
  }
  assert.deepEqual(answer(101, 0, 1, 0xc2, 0), ['115200 baud', undefined])
  assert.deepEqual(answer(101, 0, 0, 0x25, 0x80), ['115200 baud', 9600])
  assert.deepEqual(answer(105, 8), ['DTR on', undefined], 'whatever stands before it')
  assert.deepEqual(answer(105, 1), ['no flow control', undefined])
  assert.deepEqual(answer(102), ['8 data bits', -1])
  assert.equal(answer(107, 0), undefined, 'a report nobody asked for')
  assert.equal(answer(), undefined)
})
