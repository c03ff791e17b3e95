import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from './time.ts'

const TIME = fileURLToPath(new URL('./time.ts', import.meta.url))
const LIMIT_MS = 1500
const STOPPED_MS = 3000

const WAITS = `
  const { systemClock, within } = await import(${JSON.stringify(TIME)})
  const [from, fromMs] = [systemClock.ticksMs(), performance.now()]
  process.stdout.write('waits ')
  const late = () => new Error('late')
  await within(${LIMIT_MS}, late, signal => systemClock.sleep(60_000, signal)).catch(error => process.stdout.write(error.message + ' '))
  process.stdout.write(JSON.stringify([systemClock.ticksMs() - from, performance.now() - fromMs]))`

test('time in which a process is stopped counts for no limit', async t => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WAITS], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  await systemClock.sleep(STOPPED_MS)
  child.kill('SIGCONT')
  await ended
  const [, , json] = said.split(' ')
  const [ticksMs, passedMs] = JSON.parse(json!) as [number, number]
  assert.match(said, /^waits late /)
  assert.ok(passedMs >= LIMIT_MS + STOPPED_MS - 600, `${passedMs} ms passed`)
  assert.ok(ticksMs >= LIMIT_MS - 2 && ticksMs < passedMs - STOPPED_MS + 600, `${ticksMs} of ${passedMs} ms counted`)
})
