import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, test } from 'node:test'
import { answered } from '../agent/client.ts'
import { Fault } from '../base/fault.ts'
import { tempDir } from '../drivers/test-kit.ts'
import { agentFor } from './agent-for.ts'
import { agentOption } from './lease-verbs.ts'

beforeEach(() => {
  for (const name of ['HIL_TOKEN', 'HIL_TOKEN_FILE', 'HIL_AGENT_CA']) delete process.env[name]
})

const at = { bench: 'devices/benches/virtual.yaml', agent: 'https://localhost:1' }

for (const [variable, others] of [
  ['HIL_TOKEN_FILE', {}],
  ['HIL_AGENT_CA', { HIL_TOKEN: 'x' }],
] as const)
  test(`a file named by ${variable} that cannot be read is told of by both names`, async () => {
    for (const [path, code] of [
      ['/nowhere/file', 'ENOENT'],
      ['/', 'EISDIR'],
    ] as const) {
      Object.assign(process.env, others, { [variable]: path })
      await assert.rejects(
        agentFor(at, AbortSignal.abort()),
        (fault: Fault) =>
          fault.code === 'configuration/usage' &&
          fault.expected.includes(variable) &&
          fault.seen === `${code}: ${path}`,
      )
    }
  })

for (const [variable, others, text, seen] of [
  ['HIL_AGENT_CA', { HIL_TOKEN: 'x' }, 'no certificate', /^none in /],
  ['HIL_TOKEN_FILE', {}, 'two\nlines', /^9 characters, of which some are no part of a token$/],
  ['HIL_TOKEN_FILE', {}, '\n', /^none$/],
] as const)
  test(`a file named by ${variable} of which nothing can be made is refused: ${JSON.stringify(text)}`, async () => {
    using dir = tempDir()
    const path = join(dir.path, 'file')
    writeFileSync(path, text)
    Object.assign(process.env, others, { [variable]: path })
    await assert.rejects(
      agentFor(at, AbortSignal.abort()),
      (fault: Fault) =>
        fault.code === 'configuration/usage' && fault.expected.includes(variable) && seen.test(fault.seen),
    )
  })

test('an interrupt ends the attempt to connect to a host that says nothing', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  process.env['HIL_TOKEN'] = 'x'
  const interrupt = new AbortController()
  const url = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`
  using client = await agentFor({ ...at, agent: url }, interrupt.signal)
  const call = answered(client.api.leaseBook.query())
  const [socket] = await once(silent, 'connection')
  interrupt.abort(new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'SIGINT' }))
  const beganMs = performance.now()
  await assert.rejects(call, { code: 'cancelled/interrupt', seen: 'SIGINT' })
  assert.ok(performance.now() - beganMs < 5000, 'long before it would give up by itself')
  socket.destroy()
  silent.close()
})

test('the help of --agent names every variable that it takes', () => {
  for (const name of ['HIL_TOKEN', 'HIL_TOKEN_FILE', 'HIL_AGENT_CA'])
    assert.match(agentOption().description, new RegExp(`\\b${name}\\b`))
})
