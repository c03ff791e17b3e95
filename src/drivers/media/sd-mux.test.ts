import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import command from './command.ts'

const STAND_IN = fileURLToPath(new URL('stand-in-usbsdmux.sh', import.meta.url))
const noLoop = process.getuid?.() === 0 && existsSync('/dev/loop-control') ? false : 'loop devices need root'

test('an SD mux: the reader stays, and only the card comes and goes', { skip: noLoop }, async () => {
  using dir = tempDir()
  const card = join(dir.path, 'card.img')
  writeFileSync(card, '')
  truncateSync(card, 1 << 20)
  // A loop device with a number of its own: nobody else is to take it while it is empty.
  const reader = join(dir.path, 'loop')
  execFileSync('mknod', [reader, 'b', '7', String(100 + (process.pid % 900))])
  using _emptied = { [Symbol.dispose]: () => void spawnSync('losetup', ['-d', reader]) }
  execFileSync('losetup', [reader, card])
  execFileSync('losetup', ['-d', reader])
  writeFileSync(join(dir.path, 'reader'), reader)
  const device = join(dir.path, 'by-id')
  symlinkSync(reader, device)
  const open = (env = '', more: object = {}) => {
    const switchTo = (side: string): string => `${env} ${STAND_IN} ${dir.path} ${side}`
    const options = { toHost: switchTo('host'), toBoard: switchTo('dut'), device, limitMs: 3000, ...more }
    return command.open(command.options.parse(options), testContext(dir.path))
  }
  const media = await open()
  for (let round = 1; round <= 2; round++) {
    assert.deepEqual(await media.toHost(soon()), { path: device, kind: 'device' })
    await media.toBoard(soon())
    assert.ok(existsSync(reader), 'the reader is still there')
  }
  await media.toHost(soon())
  const stuck = await open('STUCK=1', { limitMs: 300 })
  await assert.rejects(stuck.toBoard(soon()), faultWith('infrastructure/media', 'vanish from this host'))
  const wrong = await open('', { toHost: `${STAND_IN} ${dir.path} agent` })
  await assert.rejects(wrong.toHost(soon()), faultWith('infrastructure/media', 'usage: usbsdmux'))
})
