import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../base/time.ts'
import { soon, tempDir } from '../../drivers/test-kit.ts'

const HOST = fileURLToPath(new URL('./host-to-kill.ts', import.meta.url))

/** A run in a process of its own, which has the one board of its bench; its relay leaves a file when it switches off. */
async function runToKill() {
  const dir = tempDir()
  const benchPath = join(dir.path, 'bench.yaml')
  const offPath = join(dir.path, 'off')
  const power = { driver: 'command', on: 'true', off: ['touch', offPath] }
  const name = `guardian-test-${process.pid}`
  writeFileSync(benchPath, JSON.stringify({ name, boards: { a: { type: 'nuc', power } } }))
  const child = spawn(process.execPath, [HOST, benchPath], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, HIL_STATE_DIR: dir.path },
  })
  await once(child.stdout, 'data', { signal: soon() })
  assert.ok(existsSync(offPath), 'it was switched off when it was given back')
  rmSync(offPath)
  return {
    kill: () => child.kill('SIGKILL'),
    isOff: () => existsSync(offPath),
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
      dir[Symbol.dispose]()
    },
  }
}

test('a board that a run leased after it had given all of them back is switched off when the run is killed', async () => {
  using run = await runToKill()
  run.kill()
  const signal = soon()
  while (!run.isOff()) await systemClock.sleep(20, signal)
})
