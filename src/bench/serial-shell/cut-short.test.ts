import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../base/fault.ts'
import { SerialShell } from './serial-shell.ts'
import { terminalOf } from './test-kit.ts'

// Commands that end at their limit before they ran: nobody is blamed for what never began, and nothing of them is left.

const PROMPT = /[$#] (?:\u001b\[[?\d;]{0,9}[a-z]){0,2}$/
const signal = AbortSignal.timeout(240_000)
const fails = (code: string) => (fault: Fault) => fault.code === code

/** A shell on a line that swallows what holds a text, while it is told to. */
async function shellThatSwallows(text: string) {
  await using stack = new AsyncDisposableStack()
  const line = { swallows: false }
  const mistype = (bytes: Buffer): Buffer => (line.swallows && bytes.includes(text) ? Buffer.alloc(0) : bytes)
  const terminal = stack.use(terminalOf('dash -i', { mistype }))
  const late = (): Error => new Error('no prompt')
  await terminal.port.expect(PROMPT, { from: 0, limitMs: 10_000, signal, late })
  const shell = stack.use(await SerialShell.start(terminal.port, terminal.recording, signal))
  const owned = stack.move()
  return { line, shell, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

test('a command whose line never arrives is the fault of the line, not of the product', async () => {
  await using on = await shellThatSwallows('(sleep')
  on.line.swallows = true
  await assert.rejects(on.shell.run(['sleep', '0'], { limitMs: 2500, signal }), fails('infrastructure/serial-corrupt'))
  on.line.swallows = false
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
})

test('an input that takes longer than the limit is the fault of the line', async () => {
  await using on = await shellThatSwallows('nothing')
  const input = Buffer.alloc(2_000_000, 'x')
  await assert.rejects(on.shell.run(['cat'], { limitMs: 300, signal, input }), fails('infrastructure/serial-corrupt'))
  assert.equal((await on.shell.run(['echo', 'alive'], { limitMs: 5000, signal })).stdout.toString(), 'alive\n')
})

test('a command that runs past its limit is the fault of the product', async () => {
  await using on = await shellThatSwallows('nothing')
  await assert.rejects(on.shell.run(['sleep', '20'], { limitMs: 700, signal }), fails('product/command-timeout'))
})

test('what a command that was cut short was to read is not read by the next one', async () => {
  await using on = await shellThatSwallows('(cat)')
  on.line.swallows = true
  const input = Buffer.from('for another one\n')
  await assert.rejects(on.shell.run(['cat'], { limitMs: 2500, signal, input }), fails('infrastructure/serial-corrupt'))
  on.line.swallows = false
  assert.equal((await on.shell.run(['cat'], { limitMs: 5000, signal })).stdout.toString(), '')
  assert.equal((await on.shell.run(['cat'], { limitMs: 5000, signal, input })).stdout.toString(), input.toString())
})
