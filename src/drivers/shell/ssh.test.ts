import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { HostKeyCheck, Shell, ShellAddress } from '../../controls/shell.ts'
import { faultWith, soon, tempDir, testContext } from '../test-kit.ts'
import ssh from './ssh.ts'
import { HOST_KEY, sshServer } from './ssh/test-kit.ts'

const LIMIT = { limitMs: 10_000 }

test('exact output, exit code, signal, input', async t => {
  const { shell } = await connected(t)
  const result = await shell.run(['sh', '-c', String.raw`printf 'a\n\n'; printf '\377' >&2; exit 7`], LIMIT)
  assert.equal(result.exitCode, 7)
  assert.deepEqual([...result.stdout], [97, 10, 10])
  assert.deepEqual([...result.stderr], [255])
  assert.equal((await shell.run(['sh', '-c', 'kill -9 $$'], LIMIT)).exitCode, 137)
  assert.equal((await shell.run(['cat'], { ...LIMIT, input: Buffer.from("it's") })).stdout.toString(), "it's")
  assert.equal((await shell.run(['printf', '%s', `a 'b' "$c" \\`], LIMIT)).stdout.toString(), `a 'b' "$c" \\`)
})

test('many commands share one connection and at most 8 channels', async t => {
  const { shell, server } = await connected(t)
  const said = await Promise.all(Array.from({ length: 40 }, (_, n) => shell.run(['echo', String(n)], LIMIT)))
  assert.deepEqual(
    said.map(result => Number(result.stdout)),
    Array.from({ length: 40 }, (_, n) => n),
  )
  assert.equal(server.connections, 1)
  assert.ok(server.mostChannels <= 8)
})

test('a command over its limit is stopped and its channel freed', async t => {
  const { shell } = await connected(t)
  const hung = Array.from({ length: 9 }, () => shell.run(['sleep', '60'], { limitMs: 100 }))
  for (const result of await Promise.allSettled(hung)) {
    assert.equal(result.status, 'rejected')
    assert.ok(faultWith('product/command-timeout', 'sleep 60')(result.reason))
  }
  assert.equal((await shell.run(['true'], LIMIT)).exitCode, 0)
  const abort = new AbortController()
  const running = shell.run(['sleep', '60'], { limitMs: 60_000, signal: abort.signal })
  abort.abort(new Error('enough'))
  await assert.rejects(running, /enough/)
})

test('a connection that is cut fails what runs, and all that follows', async t => {
  const { shell, server } = await connected(t)
  const running = shell.run(['sleep', '60'], { limitMs: 60_000 })
  await server.started
  server.cut()
  await assert.rejects(running, faultWith('infrastructure/ssh-lost'))
  await assert.rejects(shell.run(['true'], LIMIT), faultWith('infrastructure/ssh-lost'))
})

test('more output than fits is the fault of who asked for it', async t => {
  const { shell } = await connected(t)
  await assert.rejects(shell.run(['head', '-c', '70000000', '/dev/zero'], LIMIT), faultWith('test/misuse', 'output'))
})

test('refused: wrong password, wrong key, nobody there, silence, another host', async t => {
  const server = await sshServer(t)
  const address = { host: '127.0.0.1', port: server.port, user: 'ghaf', password: 'ghaf' }
  await assert.rejects(connect({ ...address, password: 'x' }), faultWith('product/ssh-auth', 'password'))
  await assert.rejects(connect({ ...address, key: '/nonexistent' }), faultWith('configuration/login', '/nonexistent'))
  await assert.rejects(connect({ ...address, port: 1 }), faultWith('infrastructure/ssh-unreachable', 'ECONNREFUSED'))
  const refuse = new Error('another host')
  const seen: string[] = []
  const check: HostKeyCheck = (_host, fingerprint) => {
    seen.push(fingerprint)
    throw refuse
  }
  await assert.rejects(connect(address, check), refuse)
  assert.match(seen[0] ?? '', /^SHA256:[A-Za-z0-9+/]{43}$/)
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  await assert.rejects(
    connect({ ...address, port }, () => {}, 300),
    faultWith('infrastructure/ssh-unreachable'),
  )
  await assert.rejects(
    connect({ ...address, port }, () => {}, 9000, AbortSignal.timeout(50)),
    { name: 'TimeoutError' },
  )
})

test('a key opens, and a broken key is a mistake of the bench file', async t => {
  using dir = tempDir()
  const server = await sshServer(t)
  const address = { host: '127.0.0.1', port: server.port, user: 'ghaf' }
  const key = join(dir.path, 'id')
  writeFileSync(key, HOST_KEY.privateKey)
  await using shell = await connect({ ...address, key })
  assert.equal((await shell.run(['true'], LIMIT)).exitCode, 0)
  writeFileSync(key, 'no key')
  await assert.rejects(connect({ ...address, key }), faultWith('configuration/login', key))
})

test('a jump reaches a guest through the outer connection', async t => {
  const { shell, server } = await connected(t)
  const inner = { host: '127.0.0.1', port: server.port, user: 'ghaf', password: 'ghaf' }
  const guest = await connect(inner, () => {}, 5000, soon(), shell)
  assert.equal((await guest.run(['echo', 'guest'], LIMIT)).stdout.toString(), 'guest\n')
  await guest[Symbol.asyncDispose]()
  assert.equal((await shell.run(['echo', 'host'], LIMIT)).stdout.toString(), 'host\n')
  await assert.rejects(
    connect({ ...inner, port: 1 }, () => {}, 5000, soon(), shell),
    faultWith('infrastructure/ssh-unreachable', 'through'),
  )
})

async function connect(
  address: ShellAddress,
  check: HostKeyCheck = () => {},
  connectLimitMs = 5000,
  signal = soon(),
  through?: Shell,
) {
  const connector = await ssh.open(ssh.options.parse({ host: '127.0.0.1', connectLimitMs }), testContext('/tmp'))
  return await connector.connect(address, check, signal, through)
}

async function connected(t: TestContext) {
  const server = await sshServer(t)
  const shell = await connect({ host: '127.0.0.1', port: server.port, user: 'ghaf', password: 'ghaf' })
  t.after(() => shell[Symbol.asyncDispose]())
  return { shell, server }
}
