import assert from 'node:assert/strict'
import {
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ReadStream } from 'node:tty'
import { systemClock } from '../../base/time.ts'
import type { Power } from '../../controls/power.ts'
import { faultWith, freePort, Received, soon, tempDir, testContext } from '../test-kit.ts'
import qemu from './qemu.ts'
import { processorsOf } from './qemu/accel.ts'
import { unplug } from './qemu/adapter.ts'
import { hasEnded } from './qemu/process.ts'
import { askQmp } from './qemu/qmp.ts'

const lacking = await qemu.missing?.(qemu.options.parse({ machine: 'nuc', disk: 'x', console: 'y' }))
const skip = lacking ?? false
const imx8mpLacking = (await qemu.missing?.(qemu.options.parse({ machine: 'imx8mp', disk: 'x' }))) ?? false

/** A boot sector that echoes its serial port, and switches the machine off at a `q` (ACPI S5 of q35 under SeaBIOS). */
const ECHO = Buffer.from('fabafd03eca80174fbbaf803ecee3c7175efba0406b80020eff4ebfd', 'hex')

test('switches on and off, reads back truly, and is seen by another process', { skip }, async t => {
  const { power, reopen, tty } = await board(t)
  assert.equal(await power.state(soon()), 'off')
  assert.equal(await power.stopReason?.(soon()), undefined)
  await power.on(soon())
  const pid = pidOf(t)
  await power.on(soon())
  assert.equal(pidOf(t), pid, 'a second on changes nothing')
  assert.equal(await (await reopen()).state(soon()), 'on')
  const link = readlinkSync(tty)
  await power.off(soon())
  assert.equal(await power.state(soon()), 'off')
  assert.equal(await power.stopReason?.(soon()), undefined)
  // At once again: everything the first one held is free.
  await power.on(soon())
  await power.off(soon())
  await power.off(soon())
  assert.equal(readlinkSync(tty), link, 'the tty stays')
})

test('the console echoes, and the guest can switch itself off', { skip }, async t => {
  const { power, tty } = await board(t)
  const console_ = listen(t, tty)
  await power.on(soon())
  await console_.received.until(/Booting from Hard Disk/)
  // The boot loader takes over some time after the last line of the BIOS: type until it answers.
  await typeUntil(console_, 'abc', /abc/)
  console_.write('q')
  await reads(power, 'off')
  assert.deepEqual((await power.stopReason?.(soon()))?.by, 'guest')
  assert.ok(pidOf(t), 'QEMU is still there to be asked')
  await power.on(soon())
  assert.equal(await power.state(soon()), 'on')
  assert.equal(await power.stopReason?.(soon()), undefined)
})

test('a board has as many processors as its bench says, where the host can give them', { skip }, async t => {
  const options = qemu.options.parse({ machine: 'nuc', disk: 'x', processors: 3 })
  assert.equal(processorsOf(options, 'x64'), 3)
  assert.equal(processorsOf(options, 'arm64'), 1, 'a PC orders memory more strictly than this host')
  assert.equal(processorsOf({ ...options, machine: 'orin' }, 'arm64'), 3)
  const { power, stateDir } = await board(t, { processors: 2 })
  await power.on(soon())
  const processors = (await askQmp(join(stateDir, 'qmp.sock'), 'query-cpus-fast', soon())) as unknown[]
  assert.equal(processors.length, processorsOf({ ...options, processors: 2 }))
})

test('a killed QEMU is a supply taken away; the tty and its reader outlive it', { skip }, async t => {
  const { power, reopen, tty } = await board(t)
  const console_ = listen(t, tty)
  await power.on(soon())
  await console_.received.until(/SeaBIOS/)
  const pid = Number(pidOf(t))
  process.kill(pid, 'SIGKILL')
  assert.ok(await hasEnded(pid, 'qemu', 5000, systemClock))
  assert.equal(await power.state(soon()), 'off')
  assert.equal((await (await reopen()).stopReason?.(soon()))?.by, 'outside')
  console_.received.text = ''
  await power.on(soon())
  await console_.received.until(/SeaBIOS/)
})

test('one adapter serves every process, and a killed one is replaced', { skip }, async t => {
  const { reopen, stateDir, tty } = await board(t)
  const first = readFileSync(join(stateDir, 'adapter.pid'), 'utf8')
  await reopen()
  assert.equal(readFileSync(join(stateDir, 'adapter.pid'), 'utf8'), first)
  process.kill(Number(first), 'SIGKILL')
  assert.ok(await hasEnded(Number(first), 'socat', 5000, systemClock))
  await reopen()
  assert.notEqual(readFileSync(join(stateDir, 'adapter.pid'), 'utf8'), first)
  assert.ok(readlinkSync(tty).startsWith('/dev/pts/'))
  await unplug(stateDir)
  assert.ok(!existsSync(tty))
})

test('what keeps QEMU from starting is quoted', { skip }, async t => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  t.after(() => blocker.close())
  const { port } = blocker.address() as { port: number }
  const { power } = await board(t, { sshPort: port })
  await assert.rejects(power.on(soon()), faultWith('infrastructure/power', 'host forwarding rule'))
  assert.equal(await power.state(soon()), 'off')
  assert.equal(await power.stopReason?.(soon()), undefined)
})

test('no medium, a console path that is taken, a wish that cannot be met', { skip }, async t => {
  const { power } = await board(t, { disk: '/nonexistent/disk' })
  await assert.rejects(power.on(soon()), faultWith('infrastructure/media', 'flash the board first'))
  await assert.rejects(board(t, { console: '/proc/self/status' }), faultWith('infrastructure/tty-open'))
  assert.equal(qemu.options.safeParse({ machine: 'orin', disk: 'x', firmware: 'uefi' }).success, false)
  assert.equal(qemu.options.safeParse({ machine: 'imx8mp', disk: 'x', extraDisk: 'y' }).success, false)
})

test('an imx8mp with nothing bootable on its card has power and stays silent', { skip: imx8mpLacking }, async t => {
  const { power, tty } = await board(t, { machine: 'imx8mp', memoryMiB: 1024 })
  const { received } = listen(t, tty)
  await power.on(soon())
  assert.equal(await power.state(soon()), 'on')
  assert.equal(await power.stopReason?.(soon()), undefined)
  await power.off(soon())
  assert.equal(received.text, '')
})

test('an aborted power-on leaves no QEMU behind', { skip }, async t => {
  const { power } = await board(t)
  const abort = new AbortController()
  const switched = power.on(abort.signal)
  abort.abort(new Error('enough'))
  await assert.rejects(switched, /enough/)
  await reads(power, 'off')
})

const folders = new WeakMap<TestContext, string>()

/** A nuc with the echoing boot sector on its disk; QEMU and adapter end with the test. */
async function board(t: TestContext, more: Record<string, unknown> = {}) {
  const dir = tempDir()
  const stateDir = join(dir.path, 'state')
  mkdirSync(stateDir)
  const disk = join(dir.path, 'disk.img')
  writeFileSync(disk, Buffer.concat([ECHO, Buffer.alloc(510 - ECHO.length), Buffer.from([0x55, 0xaa])]))
  truncateSync(disk, 1 << 20)
  const tty = join(dir.path, 'ttyUSB0')
  const sshPort = await freePort()
  const options = qemu.options.parse({
    machine: 'nuc',
    disk,
    console: tty,
    sshPort,
    memoryMiB: 64,
    accel: 'tcg',
    ...more,
  })
  folders.set(t, stateDir)
  t.after(async () => {
    await qemu.open({ ...options, console: undefined }, testContext(stateDir)).then(power => power.off(soon()))
    await unplug(stateDir)
    dir[Symbol.dispose]()
  })
  const reopen = (): Promise<Power> => qemu.open(options, testContext(stateDir))
  return { power: await reopen(), reopen, stateDir, tty }
}

function pidOf(t: TestContext): string {
  const stateDir = folders.get(t) ?? ''
  return readFileSync(join(stateDir, 'qemu.pid'), 'utf8').trim()
}

function listen(t: TestContext, tty: string): { received: Received; write(text: string): void } {
  const fd = openSync(tty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  const stream = new ReadStream(fd)
  const received = new Received()
  stream.on('data', chunk => received.add(chunk))
  stream.on('error', () => {})
  t.after(() => stream.destroy())
  return { received, write: text => writeFileSync(tty, text) }
}

async function typeUntil(
  line: { received: Received; write(text: string): void },
  text: string,
  seen: RegExp,
): Promise<void> {
  for (let tries = 0; tries < 100 && !seen.test(line.received.text); tries++) {
    line.write(text)
    await line.received.until(seen, AbortSignal.timeout(100)).catch(() => {})
  }
  await line.received.until(seen, AbortSignal.timeout(1))
}

async function reads(power: Power, wanted: string): Promise<void> {
  const signal = soon()
  while ((await power.state(signal)) !== wanted) await systemClock.sleep(10, signal)
}
