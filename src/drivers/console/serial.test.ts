import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { findProgram } from '../../base/program.ts'
import { systemClock } from '../../base/time.ts'
import type { ConsoleLine, ConsoleSink } from '../../controls/console.ts'
import { faultWith, Received, soon, tempDir, testContext } from '../test-kit.ts'
import serial from './serial.ts'

const skip = findProgram('socat') ? false : 'no socat on this host: run ci/setup'

test('reads and writes, whatever the bytes', { skip }, async t => {
  const cable = await plugIn(t)
  const { line, received } = await open(t, cable)
  cable.far.stdin?.write('login: ')
  await received.until(/login: $/)
  const every = Uint8Array.from({ length: 256 }, (_, n) => n)
  await line.write(every)
  await cable.arrived.until(/\u00ff/)
  assert.equal(cable.arrived.text, Buffer.from(every).toString('latin1'))
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

const noSink: ConsoleSink = { data: () => {}, lost: () => {}, back: () => {} }

interface Cable {
  readonly path: string
  /** The board's end: what is written to its stdin arrives at the host, and the other way round. */
  readonly far: ChildProcess
  readonly arrived: Received
}

async function plugIn(t: TestContext, at?: string): Promise<Cable> {
  const dir = tempDir()
  const path = at ?? join(dir.path, 'ttyUSB0')
  const far = spawn('socat', ['-', `PTY,link=${path},raw,echo=0`], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => {
    far.kill('SIGKILL')
    dir[Symbol.dispose]()
  })
  const arrived = new Received()
  far.stdout?.on('data', (chunk: Buffer) => arrived.add(chunk))
  await until(async () => existsSync(path))
  return { path, far, arrived }
}

async function pullOut({ far }: Cable): Promise<void> {
  const gone = once(far, 'exit')
  far.kill('SIGTERM')
  await gone
}

/** Bytes a process has written in all; see proc_pid_io(5). */
function writtenBy(process_: ChildProcess): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${process_.pid}/io`, 'utf8'))?.[1])
}

async function open(t: TestContext, { path }: Cable, more: object = {}) {
  const received = new Received()
  const events = new Received()
  const sink = {
    data: (c: Uint8Array) => received.add(c),
    lost: () => events.add('lost '),
    back: () => events.add('back '),
  }
  const console_ = await serial.open(serial.options.parse({ path, ...more }), testContext('/tmp'))
  const line = await console_.open(sink, soon())
  t.after(() => line[Symbol.asyncDispose]())
  return { line, received, events }
}

/** Looks again and again, at most 5 s. */
async function until(look: () => Promise<boolean | undefined>): Promise<void> {
  const signal = soon(5000)
  while (!(await look())) await systemClock.sleep(10, signal)
}
