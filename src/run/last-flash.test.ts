import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Agent } from '../agent/agent.ts'
import { silentLog } from '../base/log.ts'
import { systemClock } from '../base/time.ts'
import { loadBench } from '../bench/load.ts'
import { thisProcess } from '../bench/lock.ts'
import { faultWith, soon, tempDir } from '../drivers/test-kit.ts'
import { inspectImage } from '../image/inspect.ts'
import type { Image } from '../model/image.ts'
import { lastFlash, unflashedSince } from './last-flash.ts'
import { flashImage, provision, type FlashHow } from './provision.ts'

// What is believed of a medium between runs. Everything is real but the board, which is a relay and a file as its disk.

const MIB = 1 << 20

/** A board with an image on its disk, whose keys `hil ssh` knows. */
async function flashedBoard() {
  const dir = tempDir()
  process.env.HIL_STATE_DIR = join(dir.path, 's')
  process.env.HIL_LOCK_SPACE = dir.path
  const benchPath = join(dir.path, 'bench.yaml')
  const relay = join(dir.path, 'was-on')
  writeFileSync(
    benchPath,
    `name: lab
boards:
  a:
    type: nuc
    power: { driver: command, on: "touch ${relay}", off: "true" }
    media: { driver: file, path: "\${state}/disk.img", sizeMiB: 8 }
    flasher: { driver: raw }
`,
  )
  const board = (await loadBench(benchPath)).boards[0]!
  mkdirSync(board.stateDir, { recursive: true })
  const knownHosts = join(board.stateDir, 'known_hosts')
  const means = { clock: systemClock, emit: () => {}, signal: soon() }
  const listener = { trusted: () => {}, note: () => {}, fault: () => {}, broken: () => {} }
  const lease = await new Agent(systemClock, silentLog).lease(board, {
    holder: thisProcess(['test'], systemClock),
    waitMs: 0,
    signal: soon(),
    listener,
  })
  const image = async (name: string, bytes: Buffer): Promise<Image> => {
    writeFileSync(join(dir.path, name), bytes)
    return (await inspectImage(join(dir.path, name), 'debug', { signal: soon() })).image
  }
  const good = await image('good.img', randomBytes(3 * MIB))
  const flash = (what: Image, how: FlashHow = {}, signal = means.signal) =>
    flashImage(lease, what, { ...means, signal }, how)
  await flash(good)
  writeFileSync(knownHosts, 'a key')
  return {
    lease,
    image,
    good,
    flash,
    stateDir: board.stateDir,
    knowsKeys: () => existsSync(knownHosts),
    wasOn: () => existsSync(relay),
    boot: () => provision(lease, null, 'debug', means),
    disk: () => readFileSync(join(board.stateDir, 'disk.img')),
    [Symbol.asyncDispose]: async () => {
      await lease[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}

test('a flash that did not end is remembered, and such a medium is not booted until it is flashed', async () => {
  await using board = await flashedBoard()
  const promised = await board.image('promised.img', randomBytes(4 * MIB))
  const lie: Image = { ...promised, rawSha256: '0'.repeat(64) }
  await assert.rejects(board.flash(lie), faultWith('configuration/image'))
  assert.ok(Date.now() - Date.parse(unflashedSince(board.stateDir)!) < 60_000)
  assert.equal(lastFlash(board.stateDir), null)
  assert.equal(board.knowsKeys(), false)
  await assert.rejects(board.boot(), faultWith('configuration/unflashed', 'flash it: its last flash did not end'))
  assert.equal(board.wasOn(), false)
  // Nor does another failure before anything is written make it good.
  const huge = await board.image('huge.img', randomBytes(9 * MIB))
  await assert.rejects(board.flash(huge), faultWith('configuration/image'))
  assert.notEqual(unflashedSince(board.stateDir), null)
  await board.flash(promised)
  assert.equal(unflashedSince(board.stateDir), null)
  assert.equal(lastFlash(board.stateDir)?.image.sha256, promised.sha256)
})

test('what changes nothing on the medium forgets nothing of it', async () => {
  await using board = await flashedBoard()
  const before = { last: lastFlash(board.stateDir), disk: board.disk() }
  assert.equal(before.last?.image.sha256, board.good.sha256)
  const other = await board.image('other.img', randomBytes(2 * MIB))
  const huge = await board.image('huge.img', randomBytes(9 * MIB))
  const gone: Image = { ...other, path: '/nowhere/other.img' }
  await assert.rejects(board.flash(huge), faultWith('configuration/image', 'nothing was written'))
  await assert.rejects(board.flash(gone), faultWith('configuration/image'))
  await assert.rejects(board.flash(other, {}, AbortSignal.abort(new Error('enough'))), /enough/)
  await assert.rejects(board.flash(other, { mode: 'verify' }), faultWith('infrastructure/flash-verify'))
  await board.flash(other, { dryRun: true })
  await board.flash(board.good, { mode: 'verify' })
  assert.deepEqual({ last: lastFlash(board.stateDir), disk: board.disk() }, before)
  assert.ok(board.knowsKeys())
})
