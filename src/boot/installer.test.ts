import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Fault } from '../base/fault.ts'
import { endProgram } from '../base/test-kit.ts'
import { systemClock } from '../base/time.ts'
import { expectIn } from '../bench/expect.ts'
import { Recording } from '../bench/recording.ts'
import type { ConsolePort } from '../controls/console.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import { driveInstaller, type InstallerMeans } from './installer.ts'

const STAND_IN = fileURLToPath(new URL('installer/ghaf-installer', import.meta.url))
const ORDER: InstallOrder = { device: '/dev/nvme0n1', encrypt: false, unattended: false, limitMs: 20_000 }

/** A shell in a booted installer, on a real terminal; `how` is what goes wrong with the installer. */
async function installer(how = '', sudo = 'exec "$@"') {
  const stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hil-installer-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const disks = join(folder, 'disks')
  mkdirSync(disks)
  writeFileSync(join(disks, 'nvme0n1'), 'blank')
  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  program('sudo', sudo)
  program('dmesg', 'exit 0')
  if (how !== 'none') symlinkSync(STAND_IN, join(folder, 'ghaf-installer'))
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HIL_HOW: how, HIL_DISKS: disks, PS1: '$ ' }
  const child = spawn('socat', ['-', 'SYSTEM:"exec sh",pty,setsid,ctty,stderr,sane'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env,
    detached: true,
  })
  stack.defer(() => endProgram(child))
  child.stdout.on('data', (bytes: Buffer) => recording.append(bytes))
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    clock: systemClock,
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: text =>
      new Promise((resolve, reject) => child.stdin.write(text, error => (error ? reject(error) : resolve()))),
  }
  await port.expect(/\$ $/, { from: 0, limitMs: 10_000, late: () => new Error('no shell') })
  return {
    said: () => recording.slice(0).toString(),
    onDisk: () => readFileSync(join(disks, 'nvme0n1'), 'utf8'),
    install: (order: Partial<InstallOrder> = {}, means: Partial<InstallerMeans> = {}) =>
      driveInstaller(
        port,
        { ...ORDER, ...order },
        {
          user: 'ghaf',
          password: 'secret',
          signal: AbortSignal.timeout(60_000),
          quietMs: 300,
          ...means,
        },
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const ASKS_PASSWORD = `stty -echo < /dev/tty; printf '[sudo] password for ghaf: ' > /dev/tty
read -r word < /dev/tty; stty echo < /dev/tty; echo
[ "$word" = secret ] || { echo 'sudo: 1 incorrect password attempt'; exit 1; }
exec "$@"`

test('its prompts are answered, and it is done when it says so', async () => {
  await using board = await installer()
  await board.install()
  assert.match(board.onDisk(), /^installed/)
  assert.match(board.said(), /Device name \[e\.g\. \/dev\/nvme0n1\]: \/dev\/nvme0n1\r\n/)
  assert.match(board.said(), /continue\? \[y\/N\] y\r\n/)
})

test('a removable disk is a question more, a long work is waited for, a restart of its own is an end', async () => {
  for (const how of ['removable', 'long', 'reboots']) {
    await using board = await installer(how)
    await board.install()
    assert.match(board.onDisk(), /^installed/)
  }
})

test('told everything on its command line, it asks nothing', async () => {
  await using board = await installer('removable')
  await board.install({ unattended: true, encrypt: true })
  assert.doesNotMatch(board.said(), /continue\?/)
  assert.match(board.said(), /Deferred encryption/)
})

test('sudo gets its password, which is nowhere in the recording', async () => {
  await using board = await installer('', ASKS_PASSWORD)
  await board.install()
  assert.match(board.onDisk(), /^installed/)
  assert.doesNotMatch(board.said(), /secret/)
})

const FAILURES: [how: string, order: Partial<InstallOrder>, code: FaultCode, seen: RegExp][] = [
  ['', { device: '/dev/sdz' }, 'configuration/bench-file', /same question again/],
  ['', { device: '/dev/sdz', unattended: true }, 'configuration/bench-file', /no such disk/],
  ['nothing-inside', {}, 'product/installer', /missing in the installer image/],
  ['io-error', {}, 'infrastructure/installer', /cannot be read or written/],
  ['full', {}, 'infrastructure/installer', /too small/],
  ['dies', {}, 'product/installer', /exit code 137/],
  ['forgets-encryption', { encrypt: true }, 'product/installer', /exit code 0/],
  ['asks-more', {}, 'product/installer', /'Which language\?'/],
  ['hangs', { limitMs: 1500 }, 'product/installer', /still at work/],
  ['none', {}, 'configuration/image', /no ghaf-installer/],
]
for (const [how, order, code, seen] of FAILURES)
  test(`${how || 'a disk that is not there'} ${JSON.stringify(order)}: ${code}`, async () => {
    await using board = await installer(how)
    await assert.rejects(board.install(order), (fault: Fault) => {
      assert.equal(fault.code, code, fault.message)
      assert.match(fault.seen, seen)
      assert.ok(fault.evidence.length > 0, 'the console is quoted')
      return true
    })
    if (how !== 'forgets-encryption') assert.equal(board.onDisk(), 'blank')
  })

test('a wrong password for sudo, and an interrupt', async () => {
  await using board = await installer('', ASKS_PASSWORD)
  await assert.rejects(board.install({}, { password: 'wrong' }), (fault: Fault) => fault.code === 'configuration/login')
  await using other = await installer('hangs')
  const abort = new AbortController()
  const hangs = other.install({}, { signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(hangs, /enough/)
})
