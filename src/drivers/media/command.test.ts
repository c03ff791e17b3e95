import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import command from './command.ts'

const noLoop = process.getuid?.() === 0 && existsSync('/dev/loop-control') ? false : 'loop devices need root'

test('a mux hands a block device over and takes it away', { skip: noLoop }, async t => {
  using dir = tempDir()
  const loop = loopOver(join(dir.path, 'card.img'), t)
  const device = join(dir.path, 'card')
  // The device shows up a while after the command: as behind a real hub.
  const options = { toHost: `(sleep 0.2; ln -s ${loop} ${device}) > /dev/null 2>&1 &`, toBoard: ['rm', device], device }
  const media = await command.open(command.options.parse(options), testContext(dir.path))
  assert.deepEqual(await media.toHost(soon()), { path: device, kind: 'device' })
  await media.toBoard(soon())
  assert.ok(!existsSync(device))
})

test('a regular file in the place of the device is named for what it is', async () => {
  using dir = tempDir()
  const device = join(dir.path, 'sdX')
  writeFileSync(device, 'an image, written by mistake')
  const media = await command.open(
    command.options.parse({ toHost: 'true', toBoard: 'true', device }),
    testContext(dir.path),
  )
  await assert.rejects(media.toHost(soon()), faultWith('infrastructure/media', 'a regular file'))
})

test('a device that never comes, one that never goes, a mux that fails', async () => {
  using dir = tempDir()
  const open = (more: object) =>
    command.open(
      command.options.parse({ toHost: 'true', toBoard: 'true', device: join(dir.path, 'none'), limitMs: 250, ...more }),
      testContext(dir.path),
    )
  await assert.rejects((await open({})).toHost(soon()), faultWith('infrastructure/media', 'appear as a block device'))
  await assert.rejects(
    (await open({ toHost: 'echo no hub >&2; exit 1' })).toHost(soon()),
    faultWith('infrastructure/media', 'no hub'),
  )
  const abort = new AbortController()
  const waiting = (await open({ limitMs: 60_000 })).toHost(abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(waiting, /enough/)
})

test('a device that stays after it was handed to the board', { skip: noLoop }, async t => {
  using dir = tempDir()
  const device = loopOver(join(dir.path, 'card.img'), t)
  const options = { toHost: 'true', toBoard: 'true', device, limitMs: 250 }
  const media = await command.open(command.options.parse(options), testContext(dir.path))
  await assert.rejects(media.toBoard(soon()), faultWith('infrastructure/media', 'vanish'))
  const keeps = await command.open(command.options.parse({ ...options, vanishes: false }), testContext(dir.path))
  await keeps.toBoard(soon())
})

/** A loop device, for as long as a test lasts. */
function loopOver(backing: string, t: TestContext): string {
  writeFileSync(backing, '')
  truncateSync(backing, 1 << 20)
  const loop = execFileSync('losetup', ['-f', '--show', backing], { encoding: 'utf8' }).trim()
  t.after(() => execFileSync('losetup', ['-d', loop]))
  return loop
}
