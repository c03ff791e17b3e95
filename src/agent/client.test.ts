import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('a client whose agent vanishes while it calls, again and again, keeps no process alive', async () => {
  const child = fork(fileURLToPath(new URL('./client-test-kit.ts', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  const [told] = (await once(child, 'message')) as [{ lost: number }]
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  clearTimeout(timer)
  assert.deepEqual([told.lost, code, signal], [200, 0, null])
})
