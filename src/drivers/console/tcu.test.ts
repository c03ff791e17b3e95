import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { Console } from '../../controls/console.ts'
import { faultWith, tempDir, testContext } from '../test-kit.ts'
import serial from './serial.ts'
import tcp from './tcp.ts'
import { EVERY_BYTE, listenTo, plugIn, pullOut, serve, unless, type Cable } from './shared/test-kit.ts'
import { ChannelLog } from './tcu/channel-log.ts'
import { encode } from './tcu/format.ts'
import tcu from './tcu.ts'

const skip = unless('socat')
const RESTARTED = '\0\u00ff\u00fd'

test('one channel is the console, the others are kept beside it', { skip }, async t => {
  const { cable, line, received, stateDir } = await open(t)
  await cable.arrived.until(/\0\u00ff\u00fd/)
  assert.equal(cable.arrived.text, RESTARTED, 'the board is asked to name its channel')
  cable.far.stdin?.write(encode('bpmp', Buffer.from('bpmp: hello\n')))
  cable.far.stdin?.write(encode('ccplex', EVERY_BYTE))
  cable.far.stdin?.write(encode('rce', Buffer.from('rce: hello\n')))
  cable.far.stdin?.write(encode('ccplex', Buffer.from('login: ')))
  await received.until(/login: $/)
  assert.equal(received.text, `${EVERY_BYTE.toString('latin1')}login: `)
  await line[Symbol.asyncDispose]()
  assert.equal(readFileSync(join(stateDir, 'console-bpmp.log'), 'utf8'), 'bpmp: hello\n')
  assert.equal(readFileSync(join(stateDir, 'console-rce.log'), 'utf8'), 'rce: hello\n')
})

test('what is written goes to the channel, every byte of it', { skip }, async t => {
  const { cable, line } = await open(t, { channel: 'bpmp' })
  assert.match(line.device, /^bpmp of .*ttyUSB0 at 115200$/)
  await line.write(EVERY_BYTE)
  await cable.arrived.until(/\u00fe\u00ff\u00ff$/)
  assert.equal(cable.arrived.text, `${RESTARTED}\u00ff\u00e2${EVERY_BYTE.toString('latin1')}\u00ff`)
})

test('over a terminal server: its escapes and ours do not meet', { skip: unless('socat', 'ser2net') }, async t => {
  const { cable, port } = await serve(t, 'rfc2217')
  using dir = tempDir()
  const context = testContext(dir.path)
  const over = await tcp.open(tcp.options.parse({ host: '127.0.0.1', port, mode: 'rfc2217' }), context)
  const { line, received } = await listenTo(t, await tcu.open(tcu.options.parse({}), context, over))
  await line.write(EVERY_BYTE)
  await cable.arrived.until(/\u00fe\u00ff\u00ff$/)
  assert.equal(cable.arrived.text, `${RESTARTED}\u00ff\u00e1${EVERY_BYTE.toString('latin1')}\u00ff`)
  cable.far.stdin?.write(encode('ccplex', Buffer.concat([EVERY_BYTE, Buffer.from('.')])))
  await received.until(/\.$/)
  assert.equal(received.text.slice(0, 256), EVERY_BYTE.toString('latin1'))
  await line[Symbol.asyncDispose]()
})

test('a line that was away: the gap is declared, and the board is asked again', { skip }, async t => {
  const { cable, line, received, events } = await open(t)
  cable.far.stdin?.write(encode('ccplex', Buffer.from('before ')))
  await received.until(/before /)
  await pullOut(cable)
  await events.until(/lost/)
  await assert.rejects(line.write(Buffer.from('x')), faultWith('infrastructure/tty-gone'))
  const again = await plugIn(t, cable.path)
  await events.until(/lost back/)
  await again.arrived.until(/\0\u00ff\u00fd/)
  again.far.stdin?.write(encode('ccplex', Buffer.from('behind')))
  await received.until(/before behind/)
})

test('a write given up within an escape does not swallow the next one', { skip }, async t => {
  const { cable, line } = await open(t, {}, { writePaceMs: 200 })
  const enough = new AbortController()
  // Of the board's restart, three bytes; then the escape that begins the write.
  const cut = line.write(Buffer.from('a'), enough.signal)
  await cable.arrived.until(/\0\u00ff\u00fd\u00ff$/)
  enough.abort(new Error('enough'))
  await assert.rejects(cut, /enough/)
  void line.write(Buffer.from('b')).catch(() => undefined)
  await cable.arrived.until(/\u00ff\u00fd\u00ff\0\u00ff\u00fd\u00ff\u00e1b$/)
})

test('a channel is kept within its bounds, and goes on from one lease to the next', async () => {
  using dir = tempDir()
  const path = join(dir.path, 'state', 'console-bpmp.log')
  {
    await using log = new ChannelLog(path, silentLog)
    log.write(Buffer.from('first '))
  }
  {
    await using log = new ChannelLog(path, silentLog)
    log.write(Buffer.from('second'))
  }
  assert.equal(readFileSync(path, 'utf8'), 'first second')
  const block = Buffer.alloc(512 << 10, 'x')
  for (let n = 0; n < 40; n++) {
    await using log = new ChannelLog(path, silentLog)
    log.write(block)
  }
  assert.ok(statSync(path).size <= (4 << 20) + block.length, `${statSync(path).size} bytes`)
  assert.ok(statSync(`${path}.1`).size <= (4 << 20) + block.length)
})

test('a disk that refuses is told once and breaks nothing', async () => {
  using dir = tempDir()
  writeFileSync(join(dir.path, 'file'), '')
  const told: string[] = []
  const log = Object.assign(Object.create(silentLog) as typeof silentLog, {
    warn: (_: object, text: string) => void told.push(text),
  })
  {
    await using kept = new ChannelLog(join(dir.path, 'file', 'console-bpmp.log'), log)
    kept.write(Buffer.from('x'))
    kept.write(Buffer.from('y'))
  }
  mkdirSync(join(dir.path, 'folder'))
  {
    await using kept = new ChannelLog(join(dir.path, 'folder'), log)
    kept.write(Buffer.from('x'))
    await new Promise(resolve => setImmediate(resolve))
  }
  assert.equal(told.length, 2)
})

interface Setup {
  readonly cable: Cable
  readonly stateDir: string
}

async function open(t: TestContext, options: object = {}, over: object = {}) {
  const cable = await plugIn(t)
  const dir = tempDir()
  t.after(() => dir[Symbol.dispose]())
  const context = testContext(dir.path)
  const inner: Console = await serial.open(serial.options.parse({ path: cable.path, ...over }), context)
  const opened = await listenTo(t, await tcu.open(tcu.options.parse(options), context, inner))
  const setup: Setup = { cable, stateDir: dir.path }
  return { ...setup, ...opened }
}
