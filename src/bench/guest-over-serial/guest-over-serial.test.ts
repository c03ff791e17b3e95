import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import type { ShellAddress } from '../../controls/shell.ts'
import { HOST_KEY, sshServer } from '../../drivers/shell/ssh/test-kit.ts'
import { faultWith, freePort, tempDir } from '../../drivers/test-kit.ts'
import { HostKeys } from '../host-keys.ts'
import { SerialShell } from '../serial-shell/serial-shell.ts'
import { terminalOf } from '../serial-shell/test-kit.ts'
import { hostSsh } from './connector.ts'
import { SerialHost } from './host.ts'

// The host is a shell on a real terminal with OpenSSH's own client; the guest is an SSH server that runs real commands.

const signal = AbortSignal.timeout(120_000)
const LIMIT = { limitMs: 20_000, signal }
const PASSWORD = 'gh"a$f \\ secret'

for (const program of ['dash -i', 'bash --norc -i'])
  test(`${program}: output, errors, exit codes and input of a guest's commands are exact`, async t => {
    await using at = await hostAndGuest(t, { program })
    await using guest = await at.connect()
    const both = await guest.run(['sh', '-c', String.raw`printf 'a\n\n\0'; printf '\377~' >&2; exit 7`], LIMIT)
    assert.deepEqual([...both.stdout], [97, 10, 10, 0])
    assert.deepEqual([...both.stderr], [255, 126])
    assert.equal(both.exitCode, 7)
    for (const exitCode of [0, 1, 126, 127, 130, 254, 255]) {
      const result = await guest.run(['sh', '-c', `echo e >&2; exit ${exitCode}`], LIMIT)
      assert.deepEqual([result.exitCode, result.stderr.toString()], [exitCode, 'e\n'])
    }
    assert.equal((await guest.run(['sh', '-c', 'kill -9 $$'], LIMIT)).exitCode, 137)
    assert.equal((await guest.run(['printf', '%s', `a 'b' "$c" \\ é\n`], LIMIT)).stdout.toString(), `a 'b' "$c" \\ é\n`)
    const input = Buffer.from([0, 1, 255, 10, 13])
    assert.deepEqual((await guest.run(['cat'], { ...LIMIT, input })).stdout, input)
    assert.equal((await guest.run(['cat'], LIMIT)).stdout.length, 0)
    const taken = { stdout: '', stderr: '' }
    const result = await guest.run(['sh', '-c', 'seq 1 2000; seq 1 300 >&2; exit 255'], {
      ...LIMIT,
      onOutput: (stream, bytes) => (taken[stream] += bytes.toString()),
    })
    assert.deepEqual([result.exitCode, result.stdout.length, result.stderr.length], [255, 0, 0])
    assert.deepEqual(taken, { stdout: counted(2000), stderr: counted(300) })
    assert.equal(at.server.connections - at.scans, 1, 'connections for all of these commands')
  })

test('the password is nowhere but in the program that needs it, and nothing stays behind', async t => {
  await using at = await hostAndGuest(t)
  {
    await using guest = await at.connect()
    await guest.run(['true'], LIMIT)
    const files = readdirSync(at.tmp, { recursive: true, withFileTypes: true }).filter(file => file.isFile())
    assert.ok(files.some(({ name }) => name === 'known'))
    for (const { parentPath, name } of files) {
      const text = readFileSync(join(parentPath, name), 'utf8')
      assert.ok(!text.includes('secret') && !text.includes(encoded(PASSWORD)), `${name} has the password`)
    }
  }
  assert.ok(!at.said().includes('secret') && !at.said().includes(encoded(PASSWORD)), 'the recording has the password')
  assert.deepEqual(
    readdirSync(at.tmp).filter(name => !name.startsWith('.hil.')),
    [],
  )
})

test('a key opens as well', async t => {
  await using at = await hostAndGuest(t)
  const key = join(at.tmp, 'id')
  writeFileSync(key, HOST_KEY.privateKey)
  const { password: _, ...address } = at.address
  await using guest = await at.connect({ ...address, key })
  assert.equal((await guest.run(['echo', 'in'], LIMIT)).stdout.toString(), 'in\n')
})

test('refused: wrong password, another host key, nobody there, no key to offer', async t => {
  await using at = await hostAndGuest(t)
  await assert.rejects(at.connect({ ...at.address, password: 'x' }), faultWith('product/ssh-auth', 'denied'))
  const other = at.address.hostKeys.map(key => key.replace(/.{8}$/, 'AAAAAAAA'))
  await assert.rejects(at.connect({ ...at.address, hostKeys: other }), faultWith('infrastructure/ssh-host-key'))
  await assert.rejects(at.connect({ ...at.address, hostKeys: [] }), faultWith('infrastructure/ssh-host-key'))
  const port = await freePort()
  await assert.rejects(at.connect({ ...at.address, port }), faultWith('infrastructure/ssh-unreachable', 'refused'))
  const key = join(at.tmp, 'none')
  await assert.rejects(at.connect({ ...at.address, key }), faultWith('configuration/login', key))
  writeFileSync(key, 'no key\n')
  await assert.rejects(at.connect({ ...at.address, key, password: 'x' }), faultWith('configuration/login'))
  assert.deepEqual(
    readdirSync(at.tmp).filter(name => !name.startsWith('.hil.')),
    ['none'],
  )
})

test('a connection that is cut is no exit code of a command, and no second one is made in silence', async t => {
  await using at = await hostAndGuest(t)
  await using guest = await at.connect()
  const running = guest.run(['sh', '-c', 'echo half; sleep 60'], LIMIT)
  await at.server.started
  at.server.cut()
  await assert.rejects(running, faultWith('infrastructure/ssh-lost', 'tester@'))
  const { connections } = at.server
  await assert.rejects(guest.run(['true'], LIMIT), faultWith('infrastructure/ssh-lost'))
  assert.equal(at.server.connections, connections)
})

test('a command over its limit is named as the one that was asked for', async t => {
  await using at = await hostAndGuest(t)
  await using guest = await at.connect()
  await assert.rejects(
    guest.run(['sleep', '60'], { limitMs: 1500, signal }),
    faultWith('product/command-timeout', 'sleep 60 on tester@127.0.0.1 to end'),
  )
  assert.equal((await guest.run(['echo', 'on'], LIMIT)).stdout.toString(), 'on\n')
})

test('a host without ssh, or with a small one, is said to be so', async t => {
  using dir = tempDir()
  const bin = join(dir.path, 'bin')
  mkdirSync(bin)
  execFileSync('busybox', ['--install', '-s', bin])
  await using at = await hostAndGuest(t, { program: `env PATH=${bin} ${bin}/sh -i` })
  await assert.rejects(at.host.ready(signal), faultWith('test/misuse', 'no ssh, no ssh-keyscan'))
  for (const [name, says] of [
    ['ssh', 'echo Dropbear v2022.83'],
    ['ssh-keyscan', 'true'],
  ] as const)
    writeFileSync(join(bin, name), `#!/bin/sh\n${says}\n`, { mode: 0o755 })
  await assert.rejects(at.host.ready(signal), faultWith('test/misuse', 'Dropbear'))
})

/** A host that can reach a guest. `tmp` is the host's folder for temporary files. */
async function hostAndGuest(t: TestContext, { program = 'dash -i' } = {}) {
  const server = await sshServer(t, PASSWORD)
  await using stack = new AsyncDisposableStack()
  const { path: tmp } = stack.use(tempDir())
  const terminal = stack.use(terminalOf(`env TMPDIR=${tmp} ${program}`))
  const prompt = { from: 0, limitMs: 10_000, signal, late: () => new Error('no prompt') }
  await terminal.port.expect(/[$#] (?:\u001b\[[?\d;]{0,9}[a-z]){0,2}$/, prompt)
  const shell = await SerialShell.start(terminal.port, terminal.recording, signal)
  const host = new SerialHost(async () => shell)
  const keys = new HostKeys(() => {})
  // Not waited for in between: the server is of this process.
  const scan = await promisify(execFile)('ssh-keyscan', ['-t', 'rsa', '-p', `${server.port}`, '127.0.0.1'])
  keys.pin('guest', scan.stdout, 'console')
  const address = {
    host: '127.0.0.1',
    port: server.port,
    user: 'tester',
    password: PASSWORD,
    hostKeys: keys.keysOf('guest'),
  }
  const connect = (to: ShellAddress = address) => hostSsh(host).connect(to, keys.checkFor('guest'), signal)
  const scans = server.connections
  const kept = stack.move()
  const dispose = { [Symbol.asyncDispose]: () => kept.disposeAsync() }
  return { host, server, tmp, address, connect, scans, said: terminal.said, ...dispose }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64').slice(4, 20)

/** What `seq 1 COUNT` says. */
const counted = (count: number): string => Array.from({ length: count }, (_, n) => `${n + 1}\n`).join('')
