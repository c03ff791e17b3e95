import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { endProgram } from '../../base/test-kit.ts'
import { systemClock } from '../../base/time.ts'
import type { ConsoleLine, ConsoleSink } from '../../controls/console.ts'
import { faultWith, soon, testContext } from '../test-kit.ts'
import serial from './serial.ts'
import { EVERY_BYTE, listenTo, plugIn, pullOut, unless, until, writtenBy, type Cable } from './shared/test-kit.ts'

const skip = unless('socat')

test('reads and writes, whatever the bytes', { skip }, async t => {
  const cable = await plugIn(t)
  const { line, received } = await open(t, cable)
  cable.far.stdin?.write('login: ')
  await received.until(/login: $/)
  await line.write(EVERY_BYTE)
  await cable.arrived.until(/\u00ff/)
  assert.equal(cable.arrived.text, EVERY_BYTE.toString('latin1'))
})

test('the port is set to 115200 8N1, no flow control, and DTR stays when it is closed', { skip }, async t => {
  const cable = await plugIn(t)
  const { line } = await open(t, cable)
  assert.match(settingsOf(cable), /^speed 115200 baud/)
  const flags = settingsOf(cable).split(/[\s;]+/)
  for (const flag of ['cs8', '-parenb', '-cstopb', '-crtscts', '-ixon', '-ixoff', '-hupcl', 'clocal'])
    assert.ok(flags.includes(flag), `${flag} in ${settingsOf(cable)}`)
  await line[Symbol.asyncDispose]()
  await open(t, cable, { baudRate: 921_600 })
  assert.match(settingsOf(cable), /^speed 921600 baud/)
})

test('what lay in the line before it was opened is not of this recording', { skip }, async t => {
  const cable = await plugIn(t)
  cable.far.stdin?.write('stale login: ')
  await until(async () => writtenBy(cable.far) >= 'stale login: '.length)
  const { received } = await open(t, cable)
  cable.far.stdin?.write('fresh')
  assert.equal(await received.until(/fresh/), 'fresh')
})

test('an adapter that vanishes is lost once, and is back by its path', { skip }, async t => {
  const cable = await plugIn(t)
  const { line, received, events } = await open(t, cable)
  await pullOut(cable)
  await events.until(/lost/)
  await assert.rejects(line.write(Buffer.from('x')), faultWith('infrastructure/tty-gone'))
  const again = await plugIn(t, cable.path)
  await events.until(/lost back/)
  again.far.stdin?.write('hello')
  await received.until(/hello/)
  await line.write(Buffer.from('ok'))
  await again.arrived.until(/ok/)
  await line[Symbol.asyncDispose]()
  await pullOut(again)
  assert.equal(events.text, 'lost back ')
})

test('an adapter pulled out mid-command: the write fails, the next one works, and nothing hangs', { skip }, async t => {
  const cable = await plugIn(t)
  const { line, events } = await open(t, cable, { writePaceMs: 5 })
  const command = line.write(Buffer.from(`echo ${'x'.repeat(2000)}\n`))
  const second = line.write(Buffer.from('typed behind it'))
  const failed = Promise.all([
    assert.rejects(command, faultWith('infrastructure/tty-gone')),
    assert.rejects(second, faultWith('infrastructure/tty-gone')),
  ])
  await cable.arrived.until(/echo xxx/)
  cable.far.kill('SIGKILL')
  await failed
  await events.until(/lost/)
  // As udev does, once the dead process's link is gone.
  execFileSync('rm', ['-f', cable.path])
  const again = await plugIn(t, cable.path)
  await events.until(/back/)
  await line.write(Buffer.from('whole'))
  await again.arrived.until(/^whole$/)
})

test('a busy port names who reads it', { skip }, async t => {
  const cable = await plugIn(t)
  const { line } = await open(t, cable)
  await assert.rejects(open(t, cable), faultWith('infrastructure/tty-busy', 'this very process'))
  await line[Symbol.asyncDispose]()
  const cat = spawn('sh', ['-c', 'exec cat < "$1" > /dev/null & echo started; wait', 'sh', cable.path], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  t.after(() => process.kill(-(cat.pid ?? 0), 'SIGKILL'))
  await once(cat.stdout, 'data')
  await until(async () => {
    const opened = await open(t, cable).catch((error: unknown) => error)
    if ('line' in (opened as object)) {
      await (opened as { line: ConsoleLine }).line[Symbol.asyncDispose]()
      return false
    }
    return faultWith('infrastructure/tty-busy', 'cat')(opened)
  })
})

test('who reads a port that is open already is named, once, and so is that nobody does any more', { skip }, async t => {
  const cable = await plugIn(t)
  const { events } = await open(t, cable)
  const thief = (): ChildProcess => {
    const cat = spawn('cat', [cable.path], { stdio: 'ignore' })
    t.after(() => cat.kill('SIGKILL'))
    return cat
  }
  const one = thief()
  await events.until(new RegExp(`^pid ${one.pid} \\(cat ${cable.path}\\) $`))
  const two = thief()
  await events.until(new RegExp(`pid ${two.pid} \\(cat ${cable.path}\\) $`))
  await endProgram(one)
  await endProgram(two)
  await events.until(/alone $/)
  assert.match(events.text, /^pid \d+ \(cat \S+\) pid \d+ \(cat \S+\) alone $/)
})

test('a port that is missing, and one that is no port', { skip }, async () => {
  const missing = await serial.open(serial.options.parse({ path: '/dev/serial/by-id/none' }), testContext('/tmp'))
  await assert.rejects(missing.open(noSink, soon()), faultWith('infrastructure/tty-open', '/dev/serial/by-id/none'))
  const file = await serial.open(serial.options.parse({ path: '/etc/hostname' }), testContext('/tmp'))
  await assert.rejects(file.open(noSink, soon()), faultWith('infrastructure/tty-open'))
  await assert.rejects(missing.open(noSink, AbortSignal.abort(new Error('enough'))), /enough/)
})

test('paced writes leave a pause behind every byte, in order', { skip }, async t => {
  const cable = await plugIn(t)
  const { line } = await open(t, cable, { writePaceMs: 5 })
  const startMs = systemClock.ticksMs()
  await Promise.all([line.write(Buffer.from('abcde')), line.write(Buffer.from('fghij'))])
  assert.ok(systemClock.ticksMs() - startMs >= 45)
  await cable.arrived.until(/j/)
  assert.equal(cable.arrived.text, 'abcdefghij')
})

test('a paced write that is given up stops behind the line it is at; the next one goes on', { skip }, async t => {
  const cable = await plugIn(t)
  const { line } = await open(t, cable, { linePaceMs: 10_000 })
  const enough = new AbortController()
  const written = line.write(Buffer.from('one\ntwo\n'), enough.signal)
  await cable.arrived.until(/one\n/)
  enough.abort(new Error('enough'))
  await assert.rejects(written, /enough/)
  await assert.rejects(line.write(Buffer.from('never'), enough.signal), /enough/)
  await line.write(Buffer.from('three'))
  await cable.arrived.until(/three/)
  assert.equal(cable.arrived.text, 'one\nthree')
})

const noSink: ConsoleSink = { data: () => {}, lost: () => {}, back: () => {}, robbed: () => {} }

async function open(t: TestContext, { path }: Cable, more: object = {}) {
  return listenTo(t, await serial.open(serial.options.parse({ path, ...more }), testContext('/tmp')))
}

function settingsOf({ path }: Cable): string {
  return execFileSync('stty', ['-a', '-F', path], { encoding: 'utf8' })
}
