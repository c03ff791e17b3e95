import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { afterUse } from '../model/health.ts'
import { TRUSTED } from './caller.ts'
import { certificateIn } from './certificate-test-kit.ts'
import { answered, connect, type AgentClient } from './client.ts'
import { changeHealth } from './health/health-file.ts'
import { lastFlashPath } from './on-medium.ts'
import { serveTls } from './serve-tls.ts'
import { serveBench } from './serve.ts'
import { noTls, servedBench } from './served-bench-test-kit.ts'

test('other hosts come in by TLS and token only, each with what its role allows', { skip: noTls }, async t => {
  const bench = await servedBench(t)
  const { by } = bench
  const refused = (call: Promise<unknown>): Promise<void> =>
    assert.rejects(answered(call), (fault: Fault) => fault.code === 'lease/forbidden')
  for (const url of ['http://127.0.0.1:1', 'https://', 'https://localhost:99999'])
    assert.throws(() => connect({ url, token: 'x' }), { code: 'configuration/usage', seen: url })
  await assert.rejects(
    answered(by('guessed').api.agentHello.query()),
    (fault: Fault) => fault.code === 'configuration/agent-access' && /HTTP 401.*token is not accepted/.test(fault.seen),
  )
  await assert.rejects(
    answered(bench.over({ url: bench.url, token: 't-use' }).api.agentHello.query()),
    (fault: Fault) =>
      fault.code === 'configuration/agent-certificate' &&
      /DEPTH_ZERO_SELF_SIGNED_CERT/.test(fault.seen) &&
      /HIL_AGENT_CA/.test(fault.next),
  )

  const [see, use, admin] = [by('t-see'), by('t-use'), by('t-admin')]
  assert.deepEqual(
    [(await see.api.agentHello.query()).user, (await use.api.agentHello.query()).role],
    ['watcher', 'use'],
  )
  assert.equal((await see.api.leaseBook.query()).boards.length, 2)
  const ask = (client: AgentClient, id: string, board: string) =>
    answered(client.api.leaseAsk.mutate({ id, user: 'somebody else', purpose: '', asks: [{ board }], tied: false }))
  await refused(ask(see, 'lease-see', 'a'))
  await refused(ask(use, 'lease-use', 'b'))
  const lease = await ask(use, 'lease-use', 'a')
  assert.equal(lease.user, 'ci', 'who somebody is the token says, not they')
  await ask(admin, 'lease-adm', 'b')
  await refused(use.api.leaseRelease.mutate({ id: 'lease-adm', user: 'boss' }))
  await answered(admin.api.leaseRelease.mutate({ id: 'lease-use', user: 'boss' }))
  await assert.rejects(
    answered(use.api.boardPower.mutate({ board: 'a', epoch: lease.grants[0]!.epoch, to: 'on' })),
    (fault: Fault) => fault.code === 'lease/stale' && /lease 1 of ci was ended by boss/.test(fault.seen),
  )
  assert.match(
    readFileSync(bench.auditPath, 'utf8'),
    /"user":"watcher".*"call":"leaseAsk".*"refused":"lease\/forbidden"/,
  )
})

test('the socket is for its owner and group alone', async t => {
  const bench = await servedBench(t)
  assert.equal(statSync(bench.socketPath).mode & 0o777, 0o660)
  const local = bench.over(bench.socketPath)
  assert.equal((await local.api.agentHello.query()).role, 'use')
})

test('a place for its socket is never taken from a file, nor from an agent that answers there', async t => {
  const { agent, socketPath, over } = await servedBench(t)
  const place = (path: string) => serveBench(agent, { socketPath: path, callerOf: () => TRUSTED })
  const file = `${socketPath}.txt`
  writeFileSync(file, 'important')
  await assert.rejects(place(file), isUsage(/a file of another kind/))
  assert.equal(readFileSync(file, 'utf8'), 'important')
  await assert.rejects(place(dirname(file)), isUsage(/it is a folder/))
  await assert.rejects(place(socketPath), isUsage(/another process does/))
  assert.equal((await over(socketPath).api.agentHello.query()).role, 'use', 'it still answers')
  await assert.rejects(place(`${socketPath}${'x'.repeat(200)}`), isUsage(/./))
})

test('what a killed agent left is no hindrance', async t => {
  const { agent, socketPath } = await servedBench(t)
  const left = `${socketPath}.left`
  const words = `require('net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', words])
  assert.ok(statSync(left).isSocket())
  await using served = await serveBench(agent, { socketPath: left, callerOf: () => TRUSTED })
  using client = connect(served.socketPath)
  assert.equal((await client.api.agentHello.query()).role, TRUSTED.role)
})

test(
  'an address that is in use, and a key of another certificate, are told and end nothing',
  { skip: noTls },
  async t => {
    const { agent, url, pair } = await servedBench(t)
    const callerOf = () => TRUSTED
    const port = Number(new URL(url).port)
    await assert.rejects(serveTls(agent, { host: '127.0.0.1', port, pair, callerOf }), isUsage(/EADDRINUSE/))
    using dir = tempDir()
    const key = readFileSync(certificateIn(dir.path)[0], 'utf8')
    const other = serveTls(agent, { host: '127.0.0.1', port: 0, pair: { cert: pair.cert, key }, callerOf })
    await assert.rejects(other, isUsage(/the key is of another certificate/))
  },
)

test('arguments that no agent takes are told by their names', async t => {
  const bench = await servedBench(t)
  const { api } = bench.over(bench.socketPath)
  const ask = { id: 'lease-none', user: '', purpose: '', asks: [], tied: false }
  await assert.rejects(answered(api.leaseAsk.mutate(ask)), isUsage(/^user: Too small.*; asks: Too small/))
  const epoch = 'x' as unknown as number
  await assert.rejects(
    answered(api.boardClose.mutate({ board: 'a', epoch })),
    ({ code, seen }: Fault) => code === 'test/misuse' && seen.startsWith('epoch: '),
  )
})

function isUsage(seen: RegExp): (fault: Fault) => boolean {
  return fault => fault.code === 'configuration/usage' && seen.test(fault.seen)
}

test('what somebody says they want boards for is one line for everybody else', async t => {
  const bench = await servedBench(t)
  const { api } = bench.over(bench.socketPath)
  const asks = [{ board: 'a' }]
  await answered(
    api.leaseAsk.mutate({ id: 'lease-loud', user: 'eve', purpose: 'x\u001b[2J\nb is free', asks, tied: false }),
  )
  assert.equal((await api.leaseBook.query()).boards.find(({ name }) => name === 'a')?.lease?.purpose, 'x b is free')
})

test('what the host of a board knows of it is told to whoever asks for that', async t => {
  const bench = await servedBench(t)
  const { api } = bench.over(bench.socketPath)
  const { stateDir } = bench.agent.board('a')
  changeHealth(stateDir, record => afterUse(record, { atMs: 1, run: 'r', fault: 'infrastructure/power' }))
  const image = { name: 'ghaf.img', sha256: 'a'.repeat(64), path: '/somewhere' }
  writeFileSync(lastFlashPath(stateDir), JSON.stringify({ image }))
  const a = (known: boolean) => answered(api.leaseBook.query({ known })).then(({ boards }) => boards[0]?.known)
  assert.equal(await a(false), null)
  const known = await a(true)
  assert.deepEqual(known?.image, { name: 'ghaf.img', sha256: image.sha256, version: null })
  assert.equal(known.record.faultsPer100, 100)
})
