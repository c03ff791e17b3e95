import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import nuc from '../../../devices/boards/nuc.ts'
import orin from '../../../devices/boards/orin.ts'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import recovery from './recovery.ts'

const STAND_IN = fileURLToPath(new URL('recovery/stand-in.sh', import.meta.url))
/** Quick enough for a test that waits for a device that never comes. */
const hurried = { ...orin, recovery: { ...orin.recovery, appearsWithinMs: 300 } }

/** The sequence of a lab's relays: recovery held while reset is let go, `env` being what is wrong with the board. */
function wiring(folder: string, env = '') {
  const relay = (what: string, how: string): string => `${env} ${STAND_IN} ${folder} ${what} ${how}`
  const enter = [
    relay('recovery', 'on'),
    { pauseMs: 20 },
    relay('reset', 'on'),
    { pauseMs: 20 },
    relay('reset', 'off'),
    relay('recovery', 'off'),
  ]
  return { enter, leave: [relay('recovery', 'off'), relay('power', 'off')], sysRoot: folder, limitMs: 500 }
}

function open(folder: string, more: object = {}, env = '', type = orin) {
  return recovery.open(recovery.options.parse({ ...wiring(folder, env), ...more }), { ...testContext(folder), type })
}

function addDevice(folder: string, port: string, id = '0955:7023'): void {
  const path = join(folder, 'bus/usb/devices', port)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'idVendor'), `${id.slice(0, 4)}\n`)
  writeFileSync(join(path, 'idProduct'), `${id.slice(5)}\n`)
}

test('a sequence of relays brings the board into recovery mode, another one out of it', async () => {
  using dir = tempDir()
  // Hubs and other devices are always there; an interface has no ids of its own.
  addDevice(dir.path, '1-1', '1d6b:0002')
  mkdirSync(join(dir.path, 'bus/usb/devices/1-1:1.0'))
  const media = await open(dir.path)
  assert.deepEqual(await media.toHost(soon()), {
    path: join(dir.path, 'bus/usb/devices/1-2.3'),
    kind: 'recovery',
  })
  await media.toBoard(soon())
  assert.ok(!existsSync(join(dir.path, 'bus/usb/devices/1-2.3')))
  assert.deepEqual(readFileSync(join(dir.path, 'steps'), 'utf8').trim().split('\n'), [
    'recovery on',
    'reset on',
    'reset off',
    'recovery off',
    'recovery off',
    'power off',
  ])
})

test('the other modules of the type are known by their own ids', async () => {
  using dir = tempDir()
  assert.equal((await (await open(dir.path, {}, 'ID=0955:7323')).toHost(soon())).kind, 'recovery')
})

test('a board that does not come, and one of another kind', async () => {
  using dir = tempDir()
  const broken = await open(dir.path, {}, 'BROKEN=line', hurried)
  await assert.rejects(broken.toHost(soon()), faultWith('infrastructure/recovery', 'saw no such device'))
  await assert.rejects(broken.toHost(soon()), faultWith('infrastructure/recovery', 'recovery cable'))
  const other = await open(dir.path, {}, 'ID=0955:7c18', hurried)
  await assert.rejects(other.toHost(soon()), faultWith('infrastructure/recovery', 'within 0.3 s'))
  await assert.rejects(open(dir.path, {}, '', nuc as never), faultWith('configuration/bench-file', 'type nuc'))
})

test('another board in recovery mode is never taken for this one', async () => {
  using dir = tempDir()
  addDevice(dir.path, '2-1')
  await assert.rejects(
    (await open(dir.path)).toHost(soon()),
    faultWith('infrastructure/recovery', '0955:7023 at port 2-1'),
  )
  assert.ok(!existsSync(join(dir.path, 'steps')), 'nothing was switched')
  const named = await open(dir.path, { port: '1-2.3' })
  assert.match((await named.toHost(soon())).path, /1-2\.3$/)
  await named.toBoard(soon())
  const elsewhere = await open(dir.path, { port: '1-9' }, '', hurried)
  await assert.rejects(elsewhere.toHost(soon()), faultWith('infrastructure/recovery', 'at port 1-9'))
})

test('a second board that comes meanwhile is told', async () => {
  using dir = tempDir()
  const both = { enter: [...wiring(dir.path).enter, `PORT=1-4 ${STAND_IN} ${dir.path} recovery on`] }
  both.enter.push(`PORT=1-4 DELAY=0 ${STAND_IN} ${dir.path} reset off`, { pauseMs: 300 })
  await assert.rejects((await open(dir.path, both)).toHost(soon()), faultWith('infrastructure/recovery', 'at port 1-4'))
})

test('a board that stays in recovery mode, a relay that fails, an interrupt', async () => {
  using dir = tempDir()
  const stuck = await open(dir.path, {}, 'BROKEN=stuck')
  await stuck.toHost(soon())
  await assert.rejects(stuck.toBoard(soon()), faultWith('infrastructure/recovery', 'out of recovery mode'))
  const failing = await open(dir.path, { port: '1-9', enter: ['echo relay is not there >&2; exit 1'] })
  await assert.rejects(failing.toHost(soon()), faultWith('infrastructure/recovery', 'relay is not there'))
  const abort = new AbortController()
  const pausing = (await open(dir.path, { port: '1-9', enter: [{ pauseMs: 60_000 }] })).toHost(abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(pausing, /enough/)
})
