import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import command from './command.ts'

test('any program is a relay: words and shell lines, with the state read back', async () => {
  using dir = tempDir()
  const relay = join(dir.path, 'relay state')
  const options = {
    on: ['sh', '-c', 'echo "port 1: ON" > "$1"', 'sh', relay],
    off: `echo "port 1: OFF" > '${relay}'`,
    status: ['cat', relay],
  }
  const power = await command.open(command.options.parse(options), testContext(dir.path))
  await power.on(soon())
  assert.equal(await power.state(soon()), 'on')
  await power.off(soon())
  assert.equal(await power.state(soon()), 'off')
})

test('a blind relay has an unknown state', async () => {
  const power = await command.open(command.options.parse({ on: 'true', off: 'true' }), testContext('/tmp'))
  await power.on(soon())
  assert.equal(await power.state(soon()), 'unknown')
})

test('a command that fails, hangs or does not exist is told with its words', async () => {
  const options = { on: 'echo no such port >&2; exit 3', off: 'sleep 30', status: ['/nonexistent/relay'], limitMs: 200 }
  const power = await command.open(command.options.parse(options), testContext('/tmp'))
  await assert.rejects(power.on(soon()), faultWith('infrastructure/power', 'no such port'))
  await assert.rejects(power.off(soon()), faultWith('infrastructure/power', 'still running'))
  await assert.rejects(power.state(soon()), faultWith('infrastructure/power', 'exit code 127'))
  await assert.rejects(power.off(AbortSignal.abort(new Error('enough'))), /enough/)
})

test('a pattern may be given, and a broken one is a mistake of the bench file', async () => {
  const options = { on: 'true', off: 'true', status: 'echo relay=1', onPattern: 'relay=1' }
  const power = await command.open(command.options.parse(options), testContext('/tmp'))
  assert.equal(await power.state(soon()), 'on')
  assert.equal(command.options.safeParse({ ...options, onPattern: '(' }).success, false)
})

test('a daemon left behind by the command is not waited for', async () => {
  const power = await command.open(
    command.options.parse({ on: 'sleep 20 & echo $! > /dev/null', off: 'true' }),
    testContext('/tmp'),
  )
  await power.on(soon(5000))
})
