import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT, story, type Ended } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually } from './processes.ts'
import { cellsOf } from './verdicts.ts'

// Files over the serial console of a virtual board: from a suite, and from the command line.

test('a suite copies a file there and back', async () => {
  await using lab = await Lab.open()
  const ended = await lab.run({}, ['files'], 0)
  assert.deepEqual(cellsOf(ended), { files: 'pass' })
})

test('hil put and hil get: interrupted, gone on with, refused', async () => {
  await using lab = await Lab.open()
  const bench = lab.bench({ 'nuc-1': lab.board() })
  const hil = (...args: string[]): Promise<Ended> => lab.start([...args, '--bench', bench]).ended
  const must = async (exitCode: number, ...args: string[]): Promise<Ended> => {
    const ended = await hil(...args)
    assert.equal(ended.exitCode, exitCode, story(ended))
    return ended
  }
  await must(0, 'flash', 'nuc-1')
  const from = join(lab.folder, 'from')
  const bytes = randomBytes(60_000)
  writeFileSync(from, bytes)
  const begun = join(lab.folder, 'begun')
  writeFileSync(begun, bytes.subarray(0, 40_000))
  assert.match((await must(2, 'put', 'nuc-1', from, '/tmp/to')).stderr, /its power reads off/)
  await must(0, 'power', 'nuc-1', 'on')
  await sshAnswers(lab.port)

  assert.equal(await cutShort(lab, ['put', 'nuc-1', from, '/tmp/to', '--bench', bench]), 130)
  // What an interruption may leave; how far it comes is the host's business.
  await must(0, 'put', 'nuc-1', begun, '/tmp/to.hil-part')
  assert.match((await must(0, 'put', 'nuc-1', from, '/tmp/to')).stdout, /KiB of it from an earlier attempt, sha256/)
  const back = join(lab.folder, 'back')
  await must(0, 'get', 'nuc-1', '/tmp/to', back)
  assert.ok(readFileSync(back).equals(bytes))
  assert.match((await must(2, 'put', 'nuc-1', from, '/nowhere/to')).stderr, /\/nowhere: no such folder/)
  assert.match((await must(2, 'get', 'nuc-1', '/nowhere')).stderr, /\/nowhere: no such file/)
  await must(0, 'power', 'nuc-1', 'off')
})

/** Resolves when an SSH server answers: what comes up last on this board. */
async function sshAnswers(port: number): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end;) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => resolve(true)).once('close', () => resolve(false))
    socket.on('error', () => undefined).setTimeout(500, () => socket.destroy())
    const answers = await promise
    socket.destroy()
    if (answers) return
  }
  assert.fail('no SSH server within a minute')
}

/** `hil`, interrupted as soon as it said that it sends. */
async function cutShort(lab: Lab, args: readonly string[]): Promise<number | null> {
  const child = spawn(`${ROOT}src/cli/hil`, args, { env: lab.env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  await eventually('some of it is sent', () => said.includes('sending'), 60_000)
  child.kill('SIGINT')
  return await ended
}
