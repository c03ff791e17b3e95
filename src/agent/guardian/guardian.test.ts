import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tempDir } from '../../drivers/test-kit.ts'

const RUN = fileURLToPath(new URL('./host-to-kill.ts', import.meta.url))
const HIL = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

let count = 0

/** A process that says `ready` once it has the one board of its bench; its relay leaves a file when it switches off. */
async function toKill(words: readonly string[], ready: RegExp) {
  const dir = tempDir()
  const benchPath = join(dir.path, 'bench.yaml')
  const offPath = join(dir.path, 'off')
  const stuckPath = join(dir.path, 'stuck')
  const power = { driver: 'command', on: 'true', off: `test ! -e ${stuckPath} && touch ${offPath}` }
  // Nobody is there: whoever wants to log in waits.
  const shell = { driver: 'ssh', host: '127.0.0.1', port: 9 }
  const name = `guardian-test-${process.pid}-${count++}`
  writeFileSync(benchPath, JSON.stringify({ name, boards: { a: { type: 'nuc', power, shell } } }))
  const child = spawn(process.execPath, [...words, '--bench', benchPath], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HIL_STATE_DIR: dir.path },
  })
  const said = text(child.stderr)
  let told = ''
  for await (const chunk of child.stdout) if (ready.test((told += String(chunk)))) break
  assert.match(told, ready, child.exitCode === null ? '' : await said)
  return {
    benchPath,
    stick: () => writeFileSync(stuckPath, ''),
    /** What is said until everybody is gone who may say anything. */
    said,
    kill: () => {
      rmSync(offPath, { force: true })
      child.kill('SIGKILL')
    },
    isOff: () => existsSync(offPath),
    [Symbol.dispose]: () => {
      child.kill('SIGKILL')
      dir[Symbol.dispose]()
    },
  }
}

const runToKill = () => toKill([RUN], /^has it again$/m)

test('a board that a run leased after it had given all of them back is switched off when the run is killed', async () => {
  using run = await runToKill()
  assert.ok(run.isOff(), 'it was when it was given back')
  run.kill()
  assert.equal(await run.said, '')
  assert.ok(run.isOff())
})

test('so is one that is just checked', async () => {
  using check = await toKill([HIL, 'health', 'a'], /ssh|boot/)
  check.kill()
  assert.equal(await check.said, '')
  assert.ok(check.isOff())
})

test('a mistake that came into the bench file meanwhile keeps no board on', async () => {
  using run = await runToKill()
  writeFileSync(run.benchPath, 'boards: nonsense')
  run.kill()
  assert.equal(await run.said, '')
  assert.ok(run.isOff())
})

test('a board that cannot be switched off when its run was killed is told of', async () => {
  using run = await runToKill()
  run.stick()
  run.kill()
  assert.match(await run.said, /^hil: a may be on still: who had it was killed, and .*test ! -e/)
  assert.ok(!run.isOff())
})
