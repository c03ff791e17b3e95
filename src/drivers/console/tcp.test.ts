import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { faultWith, freePort, testContext } from '../test-kit.ts'
import { EVERY_BYTE, listenTo, pullOut, serve, startServer, unless, until, type Cable } from './shared/test-kit.ts'
import tcp from './tcp.ts'

const skip = unless('ser2net', 'socat')

for (const mode of ['raw', 'telnet', 'rfc2217'] as const) {
  test(`${mode}: every byte arrives as it is, in both directions`, { skip }, async t => {
    const { cable, port } = await serve(t, mode)
    const { line, received } = await open(t, { port, mode })
    await line.write(EVERY_BYTE)
    await line.write(Buffer.from([0xff, 0xff, 0x0d, 0x0a, 0x0d, 0x00, 0x0d]))
    await cable.arrived.until(/\u00ff\u00ff\r\n\r\0\r$/)
    assert.equal(cable.arrived.text, `${EVERY_BYTE.toString('latin1')}\u00ff\u00ff\r\n\r\0\r`)
    cable.far.stdin?.write(Buffer.concat([EVERY_BYTE, Buffer.from('\r\0\r\n\r.')]))
    await received.until(/\.$/)
    assert.equal(received.text, `${EVERY_BYTE.toString('latin1')}\r\0\r\n\r.`)
  })

  test(`${mode}: a server that is restarted is lost once and back, and a write between fails`, { skip }, async t => {
    const server = await serve(t, mode)
    const { line, received, events } = await open(t, { port: server.port, mode })
    server.cable.far.stdin?.write('before ')
    await received.until(/before /)
    await pullOut({ far: server.process })
    await events.until(/lost/)
    await assert.rejects(line.write(Buffer.from('x')), faultWith('infrastructure/tty-gone'))
    await startServer(t, server.config, server.port)
    await events.until(/lost back/)
    server.cable.far.stdin?.write('behind')
    await received.until(/before behind$/)
    await line.write(Buffer.from('ok'))
    await server.cable.arrived.until(/ok$/)
    assert.equal(events.text, 'lost back ', received.text)
    assert.equal(server.cable.arrived.text, 'ok')
  })
}

test('rfc2217 sets the port: 115200 8N1 by itself, anything else by name', { skip }, async t => {
  const { cable, port } = await serve(t, 'rfc2217')
  assert.match(settingsOf(cable).join(' '), /^speed 38400 baud/, 'as the pty was made')
  const { line } = await open(t, { port, mode: 'rfc2217' })
  const usual = settingsOf(cable)
  assert.match(usual.join(' '), /^speed 115200 baud/)
  for (const flag of ['cs8', '-parenb', '-cstopb', '-crtscts']) assert.ok(usual.includes(flag), flag)
  await line[Symbol.asyncDispose]()
  // The server may still be busy with the goodbye of the one before.
  const named = { port, mode: 'rfc2217', baudRate: 57_600, stopBits: 2 }
  await until(async () => (await open(t, named).catch(() => undefined)) !== undefined)
  assert.match(settingsOf(cable).join(' '), /^speed 57600 baud/)
  assert.ok(settingsOf(cable).includes('cstopb'))
})

test('rfc2217 is not believed to have set what the server does not confirm', { skip }, async t => {
  const { port } = await serve(t, 'rfc2217')
  // A pty has no such line.
  const opening = open(t, { port, mode: 'rfc2217', dtr: true })
  await assert.rejects(opening, faultWith('infrastructure/tty-open', 'no answer of the server to DTR on within'))
})

test('a server of another mode is told apart where it can be', { skip }, async t => {
  const { port } = await serve(t, 'telnet')
  await assert.rejects(open(t, { port, mode: 'rfc2217' }), faultWith('infrastructure/tty-open', 'COM-PORT-OPTION'))
  const silent = createServer(socket => void socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
  t.after(() => silent.close())
  await once(silent, 'listening')
  const raw = (silent.address() as AddressInfo).port
  await assert.rejects(
    open(t, { port: raw, mode: 'rfc2217' }),
    faultWith('infrastructure/tty-open', 'no answer of the server to a binary line'),
  )
})

test('nobody there, and nobody who waits for it any more', async t => {
  const port = await freePort()
  await assert.rejects(open(t, { port }), faultWith('infrastructure/tty-open', `127.0.0.1:${port}`))
  const console_ = await tcp.open(tcp.options.parse({ host: '127.0.0.1', port }), testContext('/tmp'))
  const sink = { data: () => {}, lost: () => {}, back: () => {}, robbed: () => {} }
  await assert.rejects(console_.open(sink, AbortSignal.abort(new Error('enough'))), /enough/)
})

test('a server that hangs up at once is not hammered', async t => {
  let connections = 0
  const rude = createServer(socket => {
    connections++
    socket.on('error', () => {}).end()
  }).listen(0, '127.0.0.1')
  t.after(() => rude.close())
  await once(rude, 'listening')
  const { events } = await open(t, { port: (rude.address() as AddressInfo).port })
  await events.until(/(lost back ){2}lost/)
  assert.ok(connections < 6, `${connections} connections`)
})

test('options of the port belong to rfc2217', () => {
  const { error } = tcp.options.safeParse({ host: 'ts-1', port: 7001, baudRate: 9600 })
  assert.deepEqual(
    error?.issues.map(({ path, message }) => [path.join('.'), message]),
    [['baudRate', 'mode raw cannot set it: it needs mode rfc2217']],
  )
  assert.ok(tcp.options.safeParse({ host: 'ts-1', port: 7001, mode: 'rfc2217', baudRate: 9600 }).success)
})

async function open(t: TestContext, options: object) {
  const console_ = await tcp.open(tcp.options.parse({ host: '127.0.0.1', ...options }), testContext('/tmp'))
  return listenTo(t, console_)
}

function settingsOf({ path }: Cable): string[] {
  return execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' }).split(/[\s;]+/)
}
