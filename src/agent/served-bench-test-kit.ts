import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { findProgram } from '../base/program.ts'
import { systemClock } from '../base/time.ts'
import { loadBench } from '../bench/load.ts'
import { thisProcess } from '../bench/lock.ts'
import { AccessRules } from './access.ts'
import { HostAuditFiles } from './audit-files.ts'
import { BenchAgent } from './bench-agent.ts'
import { certificateIn } from './certificate-test-kit.ts'
import { connect, type AgentClient } from './client.ts'
import { serveTls } from './serve-tls.ts'
import { serveBench } from './serve.ts'

/** Why no test can come in by TLS; false: they can. */
export const noTls = findProgram('openssl') ? false : 'no openssl on this host'

/** The agent of boards `a` and `b`, for its own host by a socket and, by the tokens below, for others. It ends with its test. */
export async function servedBench(t: TestContext) {
  const stack = new AsyncDisposableStack()
  t.after(() => stack.disposeAsync())
  const folder = mkdtempSync(join(tmpdir(), 'hil-'))
  stack.defer(() => rmSync(folder, { recursive: true }))
  const digest = (token: string): string => createHash('sha256').update(token).digest('hex')
  const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
  const path = join(folder, 'bench.yaml')
  const access = [
    { local: true, role: 'use' },
    { name: 'watcher', tokenSha256: digest('t-see'), role: 'see' },
    { name: 'ci', tokenSha256: digest('t-use'), role: 'use', boards: ['a'] },
    { name: 'boss', tokenSha256: digest('t-admin'), role: 'administer' },
    { name: 'deputy', tokenSha256: digest('t-deputy'), role: 'administer', boards: ['a'] },
  ]
  const name = `t${process.pid}-${Math.round(performance.now())}`
  writeFileSync(path, JSON.stringify({ name, access, boards: { a: board, b: board } }))
  const loaded = await loadBench(path)
  const boards = loaded.boards.map(board => ({ ...board, stateDir: join(folder, board.name) }))
  const bench = { ...loaded, boards }
  const rules = new AccessRules(bench.access)
  const auditPath = join(folder, 'audit.jsonl')
  const agent = stack.use(
    await BenchAgent.start({
      bench,
      bookPath: join(folder, 'leases.jsonl'),
      auditFiles: new HostAuditFiles(auditPath),
      holder: thisProcess(['agent'], systemClock),
      clock: systemClock,
      log: silentLog,
    }),
  )
  const socketPath = join(folder, 'agent.sock')
  const group = { groupId: process.getgid!() }
  stack.use(await serveBench(agent, { socketPath, ...group, callerOf: () => rules.local() }))
  const [key = '', cert = ''] = noTls ? [] : certificateIn(folder).map(path => readFileSync(path, 'utf8'))
  const tls = noTls
    ? undefined
    : stack.use(
        await serveTls(agent, { host: '127.0.0.1', port: 0, pair: { key, cert }, callerOf: r => rules.byToken(r) }),
      )
  const url = `https://localhost:${tls?.port}`
  const over = (at: Parameters<typeof connect>[0]): AgentClient => stack.use(connect(at))
  return {
    ...{ agent, pair: { key, cert }, socketPath, auditPath, url, over },
    /** Who comes from another host with a token. */
    by: (token: string): AgentClient => over({ url, token, ca: cert }),
  }
}
