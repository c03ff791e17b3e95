import assert from 'node:assert/strict'
import { test } from 'node:test'
import nuc from '../../devices/boards/nuc.ts'
import { Fault } from '../base/fault.ts'
import type { Connector, Shell } from '../controls/shell.ts'
import { BoardSpec } from '../model/bench-file.ts'
import { Network } from './network.ts'

const spec = BoardSpec.parse({
  type: 'nuc',
  twin: true,
  login: { user: 'ghaf' },
  shell: { driver: 'ssh', host: 'board' },
})
const signal = new AbortController().signal

/** Nobody listens at the board's address. */
const refused: Connector = {
  connect: () =>
    Promise.reject(new Fault('infrastructure/ssh-unreachable', { expected: 'a server', seen: 'connection refused' })),
}

function consoleThatSays(stdout: string): Shell {
  const run: Shell['run'] = async () => ({
    exitCode: 0,
    stdout: Buffer.from(stdout),
    stderr: Buffer.alloc(0),
    durationMs: 1,
  })
  return { run, [Symbol.asyncDispose]: async () => undefined }
}

function network(connector: Connector, serial: Shell | undefined): Network {
  const onTrust = (): void => undefined
  return new Network(connector, {
    spec,
    wiring: spec.shell!,
    type: nuc,
    sshLimitMs: 20,
    serial: async () => serial,
    onTrust,
  })
}

test('who knocks where nobody listens is told so by the board itself, over its console', async () => {
  const knocking = network(refused, consoleThatSays('  sl  local_address\n')).knock('ghaf', 'wrong', signal)
  await assert.rejects(knocking, (fault: Fault) => fault.code === 'product/ssh-closed')
  const listens = consoleThatSays('   0: 00000000:0016 00000000:0000 0A 00000000\n')
  const other = network(refused, listens).knock('ghaf', 'wrong', signal)
  await assert.rejects(other, (fault: Fault) => fault.code === 'infrastructure/ssh-unreachable')
})

test('an address answers when somebody is let in there, or refused', async () => {
  const refuse: Connector = {
    connect: () => Promise.reject(new Fault('product/ssh-auth', { expected: 'to be let in', seen: 'refused' })),
  }
  assert.equal(await network(refuse, undefined).answers(signal), true)
  assert.equal(await network({ connect: async () => consoleThatSays('') }, undefined).answers(signal), true)
  assert.equal(await network(refused, undefined).answers(signal), false)
})
