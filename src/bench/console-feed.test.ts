import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { endProgram } from '../base/test-kit.ts'
import { systemClock } from '../base/time.ts'
import type { ShellResult } from '../controls/shell.ts'
import serial from '../drivers/console/serial.ts'
import { plugIn, pullOut, unless, until, type Cable } from '../drivers/console/shared/test-kit.ts'
import { faultWith, Received, soon, tempDir, testContext } from '../drivers/test-kit.ts'
import { ConsoleFeed } from './console-feed.ts'
import { thisProcess } from './lock.ts'
import { Recording } from './recording.ts'
import { readRecording } from './recording/reader.ts'
import { SerialShell } from './serial-shell/serial-shell.ts'
import { Vitals } from './vitals.ts'

const skip = unless('socat')
/** What `seq 1 2000` says. */
const COUNTED = Array.from({ length: 2000 }, (_, n) => `${n + 1}\n`).join('')

test('an adapter that is away in the middle of a command costs time, and nothing of its answer', { skip }, async t => {
  const desk = await open(t)
  const shell = await SerialShell.start(desk.feed, desk.recording, soon(60_000))
  const run = (script: string) => shell.run(['sh', '-c', script], { limitMs: 60_000 })
  const [began, ended] = [join(desk.folder, 'began'), join(desk.folder, 'ended')]
  const times = (): number => (existsSync(began) ? readFileSync(began, 'utf8').length : 0)
  // All of its answer falls into the gap, and the questions where it stays have to wait.
  const answer = run(`printf x >>${began}; sleep 2; seq 1 2000; touch ${ended}`)
  await until(async () => times() === 1)
  await desk.unplug()
  const typed = desk.feed.write('\n')
  await until(async () => existsSync(ended))
  await desk.plugIn()
  await typed
  assert.deepEqual(textOf(await answer), [0, COUNTED])
  // While the command is typed, once it runs, and while its answer comes.
  const from = (): number => desk.recording.end
  for (const [n, moment] of [() => true, () => times() === 3, (end: number) => from() > end + 2000].entries()) {
    const end = from()
    const again = run(`printf x >>${began}; seq 1 2000`)
    await until(async () => moment(end))
    await desk.unplug()
    await desk.plugIn()
    assert.deepEqual(textOf(await again), [0, COUNTED], `moment ${n}`)
  }
  assert.equal(times(), 4, 'each ran once')
  assert.equal(desk.vitals.trouble, undefined)
  await desk.recording.flush()
  const options = { start: 'oldest', clock: systemClock, signal: soon() } as const
  const items = await Array.fromAsync(readRecording(desk.folder, options))
  const gaps = items.flatMap(item => ('gap' in item ? [item.gap] : []))
  assert.equal(gaps.length, 8, 'each is declared at both its ends')
  assert.equal(gaps.filter(gap => gap === 'the console adapter came back').length, 4)
})

test('an adapter that stays away ends what waits to be written, and the board counts as lost', { skip }, async t => {
  const desk = await open(t)
  await desk.unplug()
  await assert.rejects(desk.feed.write('x'), faultWith('infrastructure/tty-gone', 'did not come back within 5 s'))
  assert.equal(desk.vitals.trouble?.code, 'infrastructure/tty-gone')
})

test('a person is told at once that the line is away', { skip }, async t => {
  const desk = await open(t)
  await desk.unplug()
  using alice = desk.feed.claims.take({ pid: 1, user: 'alice', command: 'hil console', sinceMs: 0 }, 'looking')
  await assert.rejects(desk.feed.writeUnder(alice, 'x'), faultWith('infrastructure/tty-gone', 'away'))
})

test('a feed that is closed while the line is away keeps nobody waiting', { skip }, async t => {
  const desk = await open(t)
  await desk.unplug()
  const written = assert.rejects(desk.feed.write('x'))
  await desk.feed[Symbol.asyncDispose]()
  await written
})

test(
  'a thief of bytes is named where they may be missing, and what was waited for is not blamed on the product',
  { skip },
  async t => {
    const desk = await open(t)
    const cat = spawn('cat', [desk.path], { stdio: 'ignore' })
    t.after(() => cat.kill('SIGKILL'))
    const name = `pid ${cat.pid} (cat ${desk.path}) reads the console too`
    await desk.notes.until(/./)
    assert.equal(desk.notes.text, name)
    assert.equal(desk.recording.gapSince(0), name)
    const late = (): Error => new Error('the product was late')
    // Behind the offset at which it was found: it is still there.
    desk.recording.append(Buffer.from('x'))
    const waiting = desk.feed.expect(/never/, { from: desk.recording.end, limitMs: 10, late })
    await assert.rejects(waiting, faultWith('infrastructure/tty-busy', name))
    await endProgram(cat)
    await desk.notes.until(/any more$/)
    assert.equal(desk.recording.gapSince(0), 'nobody else reads the console any more')
    desk.recording.append(Buffer.from('y'))
    await assert.rejects(desk.feed.expect(/never/, { from: desk.recording.end, limitMs: 10, late }), /product was late/)
  },
)

function textOf({ exitCode, stdout }: ShellResult): [exitCode: number, text: string] {
  return [exitCode, stdout.toString()]
}

/** A board behind an adapter: its shell has a terminal of its own, which stays when the adapter's goes. */
async function open(t: TestContext) {
  const dir = tempDir()
  const stack = new AsyncDisposableStack()
  t.after(() => stack.disposeAsync())
  stack.use(dir)
  const board = spawn('socat', ['-', `EXEC:'dash -i',pty,setsid,ctty,stderr,sane`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  stack.defer(() => endProgram(board))
  let cable: Cable
  const solder = (): void => {
    // Nobody keeps for the host what the board says while the adapter is away.
    cable.far.stdin!.on('error', () => {})
    cable.far.stdout!.on('data', (bytes: Buffer) => board.stdin.write(bytes))
  }
  cable = await plugIn(t)
  solder()
  board.stdout.on('data', (bytes: Buffer) => void (cable.far.stdin!.writable && cable.far.stdin!.write(bytes)))
  const { path } = cable
  const vitals = stack.use(new Vitals(systemClock))
  const recording = stack.use(new Recording({ folder: dir.path, epoch: 1 }, systemClock, fault => assert.fail(fault)))
  const notes = new Received()
  const owner = thisProcess(['run'], systemClock)
  const feed = stack.use(
    await ConsoleFeed.open(
      await serial.open(serial.options.parse({ path }), testContext(dir.path)),
      { board: 'nuc-1', recording, vitals, owner, twin: false, onNote: note => notes.add(note) },
      soon(),
    ),
  )
  return {
    path,
    notes,
    feed,
    recording,
    vitals,
    folder: dir.path,
    unplug: async (): Promise<void> => {
      await pullOut(cable)
      await until(async () => feed.away !== undefined)
    },
    plugIn: async (): Promise<void> => {
      cable = await plugIn(t, path)
      solder()
      await until(async () => feed.away === undefined)
    },
  }
}
