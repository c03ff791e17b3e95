import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { certificateIn } from '../../src/agent/certificate-test-kit.ts'
import { AgentProcess } from './agent-process.ts'
import { story, type Ended } from './hil.ts'
import { Lab } from './lab.ts'
import { eventually } from './processes.ts'
import { RelayBoards } from './relay-boards.ts'

// An agent as other hosts see it: behind TLS, known by a token.

test('from another host boards are held, handed and quarantined by the name of a token, as far as its role goes', async () => {
  await using lab = await Lab.open()
  const { bench } = new RelayBoards(lab, ['a', 'b'])
  const roles = ['see', 'use'] as const
  const tokens = Object.fromEntries(
    await Promise.all(roles.map(async role => [role, await tokenOf(lab, role)] as const)),
  )
  const text = JSON.parse(readFileSync(bench, 'utf8')) as object
  writeFileSync(bench, JSON.stringify({ ...text, access: roles.map(role => tokens[role]!.rule) }))
  const [key, cert] = certificateIn(lab.folder)
  const listen = ['--listen', '127.0.0.1:0', '--tls-key', key, '--tls-cert', cert]
  const agent = await AgentProcess.start(lab, bench, ...listen)
  const [, port] = /and port (\d+)$/m.exec(agent.hil.stderr) ?? []
  const from = async (role: string, ...rest: (string | number)[]): Promise<Ended> => {
    const exitCode = typeof rest.at(-1) === 'number' ? rest.pop() : 0
    // A host that has neither the bench file nor the state of the agent.
    const env = { HIL_AGENT: `https://localhost:${port}`, HIL_AGENT_CA: cert, HIL_TOKEN: tokens[role]?.secret ?? role }
    const elsewhere = { ...env, HIL_STATE_DIR: join(lab.folder, 'elsewhere'), USER: 'somebody' }
    const ended = await lab.start(rest.map(String), elsewhere).ended
    assert.equal(ended.exitCode, exitCode, story(ended))
    return ended
  }

  mkdirSync(lab.boardDir('b'), { recursive: true })
  const put = (name: string, what: object): void => writeFileSync(join(lab.boardDir('b'), name), JSON.stringify(what))
  const uses = [null, null, 'infrastructure/power', null].map((fault, n) => ({ atMs: n, run: `r${n}`, fault }))
  put('health.json', { uses, quarantine: null, lastCheck: null, clearedMs: 0 })
  put('last-flash.json', { image: { name: 'ghaf.img', sha256: 'a'.repeat(64) } })
  const told = /^BOARD .*FAULTS +LAST IMAGE[^]*^b +nuc +free +— +— +— +25\/100 +ghaf\.img/m
  assert.match((await from('see', 'boards')).stdout, told)
  assert.match((await lab.start(['boards', '--bench', bench]).ended).stdout, told)

  assert.match((await from('use', 'hold', 'a', '--for', '1h')).stdout, /^a held by use-token until/m)
  assert.match((await from('see', 'boards')).stdout, /^a +.*held +.*use-token/m)
  assert.match((await from('see', 'release', 'a', 4)).stderr, /lease\/forbidden/)
  assert.match((await from('nobody', 'boards', 2)).stderr, /token/)

  assert.match((await from('use', 'quarantine', 'b', '--reason', 'fan')).stdout, /^b: quarantined: fan$/m)
  const withheld = await lab.start(['boards', '--bench', bench]).ended
  assert.match(withheld.stdout, /^b +.*quarantined.*fan/m, story(withheld))
  assert.match((await from('see', 'unquarantine', 'b', 4)).stderr, /lease\/forbidden/)
  await from('use', 'unquarantine', 'b')
  assert.match((await from('use', 'quarantine', 'nuc', '--reason', 'x', 2)).stderr, /configuration\/unknown-board/)

  // Others trust the certificate of whoever answers now, without the agent having been away.
  certificateIn(lab.folder, 6)
  agent.hil.signal('SIGHUP')
  await eventually('it tells that it is short', () => /valid for 5 days more[^]*SIGHUP/.test(agent.hil.stderr))
  await from('use', 'hand', 'bob', 'a')
  assert.match((await from('see', 'boards')).stdout, /^a +.*held +.*bob/m)
  await agent.stop()
})

test('a board is quarantined by its own name, never as the first of its type', async () => {
  await using lab = await Lab.open()
  const { bench } = new RelayBoards(lab, ['a', 'b'])
  const ended = await lab.start(['quarantine', 'nuc', '--reason', 'fan', '--bench', bench]).ended
  assert.equal(ended.exitCode, 2, story(ended))
  assert.match(ended.stderr, /expected a board of bench e2e, by its name; saw nuc[^]*a \(nuc\)[^]*b \(nuc\)/)
})

/** A new token, and the rule that lets it in, as `hil agent token` says them. */
async function tokenOf(lab: Lab, role: string): Promise<{ secret: string; rule: object }> {
  const { stdout, stderr } = await lab.start(['agent', 'token', `${role}-token`, '--role', role]).ended
  const [, name, tokenSha256] = /name: (\S+), tokenSha256: (\w+),/.exec(stderr) ?? []
  return { secret: stdout.trim(), rule: { name, tokenSha256, role } }
}
