import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { tempDir } from '../../drivers/test-kit.ts'
import { SerialShell } from './serial-shell.ts'
import { FaultyLine, terminalOf } from './test-kit.ts'

// Answers that come late, as a busy board's do: what is then typed again crosses with what was only believed lost.

const PROMPT = /[$#] (?:\u001b\[[?\d;]{0,9}[a-z]){0,2}$/
const COMMANDS = 12
const signal = AbortSignal.timeout(240_000)
const late = (): Error => new Error('no prompt')

test('a shell that is busy at first, and has all that is typed echoed, costs no second attempt', async () => {
  await using stack = new AsyncDisposableStack()
  let typed = ''
  const mistype = (bytes: Buffer): Buffer => {
    typed += bytes.toString('latin1')
    return bytes
  }
  const terminal = stack.use(terminalOf('dash -i', { mistype }))
  await terminal.port.expect(PROMPT, { from: 0, limitMs: 10_000, signal, late })
  // A prompt that no frame can hold: behind it a first answer would pass for the rest of somebody's text.
  await terminal.port.write("PS1='$ ';sleep 0.3\n")
  const shell = stack.use(await SerialShell.start(terminal.port, terminal.recording, signal))
  assert.equal((await shell.run(['echo', 'hello'], { limitMs: 5000, signal })).stdout.toString(), 'hello\n')
  assert.equal(typed.split('sh -c "$_C" sh').length, 2, 'the loop was started once')
})

test('on a line that is late and flips bits each command runs once, and its answer is its own', async () => {
  using dir = tempDir()
  const ran = join(dir.path, 'ran')
  const there = new FaultyLine({ loss: 0, duplication: 0, flip: 2e-3 }, 3)
  let started = false
  let n = 0
  await using stack = new AsyncDisposableStack()
  const terminal = stack.use(
    terminalOf('dash -i', {
      mistype: bytes => (started ? there.pass(bytes) : bytes),
      // Shorter and longer than any silence that is taken for a loss.
      lateMs: () => (started ? [0, 90, 0, 270, 5, 0, 160, 400, 0, 30][n++ % 10]! : 0),
    }),
  )
  await terminal.port.expect(PROMPT, { from: 0, limitMs: 10_000, signal, late })
  const shell = stack.use(await SerialShell.start(terminal.port, terminal.recording, signal))
  started = true
  for (let n = 0; n < COMMANDS; n++) {
    const script = `echo ${n} >> ${ran}; echo answer ${n}; : ${'x'.repeat((n * 97) % 500)}`
    const { stdout } = await shell.run(['sh', '-c', script], { limitMs: 60_000, signal })
    assert.equal(stdout.toString(), `answer ${n}\n`)
  }
  started = false
  assert.equal(readFileSync(ran, 'utf8'), Array.from({ length: COMMANDS }, (_, n) => `${n}\n`).join(''))
})
