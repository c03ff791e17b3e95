import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AccessRules } from '../../agent/access.ts'
import { HostAuditFiles } from '../../agent/audit-files.ts'
import { BenchAgent } from '../../agent/bench-agent.ts'
import { HealthKeeper } from '../../agent/health/keeper.ts'
import { BOOK_NAME } from '../../agent/leases/kept-holds.ts'
import { serveBench } from '../../agent/serve.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { openLog } from '../../base/log.ts'
import { count } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { loadBench, stateDirOf, type Bench } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import { Guardian } from '../../agent/guardian/guardian.ts'
import { groupIdOf } from '../group-id.ts'
import { shareFolders } from '../shared-folders.ts'
import { doorOf, type DoorOptions } from '../tls-door.ts'

export interface AgentOptions extends DoorOptions {
  readonly bench: string
  readonly socket?: string
  readonly group?: string
  readonly verbose?: boolean
}

/** How long a killed agent may take to be started again before its boards are switched off without it. */
const RESTART_GRACE_MS = 2000
const HOUR_MS = 3_600_000

/**
 * `hil agent`: the one owner of a bench's boards, until it is told to end. SIGTERM waits for the runs that are under way,
 * a second one or Ctrl-C does not; SIGHUP reads the bench file and the certificate again.
 */
export async function agent(options: AgentOptions, signal: AbortSignal): Promise<void> {
  // What ends every other verb at once has a meaning of its own here.
  for (const name of ['SIGTERM', 'SIGHUP'] as const) process.removeAllListeners(name)
  const bench = await loadBench(options.bench)
  const folder = dirname(stateDirOf(bench.name, '.agent'))
  const socketPath = resolve(options.socket ?? join(folder, 'agent.sock'))
  const groupId = options.group === undefined ? undefined : groupIdOf(options.group)
  const door = doorOf(options)
  const rules = new AccessRules(bench.access)
  prepare(folder)
  const share = ({ boards }: Bench): void => {
    if (groupId === undefined) return
    shareFolders(
      boards.map(({ stateDir }) => stateDir),
      groupId,
    )
  }
  share(bench)
  const log = openLog({ path: join(folder, 'agent.log'), verbose: options.verbose ?? false })
  prepare(dirname(socketPath))
  await using guardian = new Guardian(RESTART_GRACE_MS)
  await using running = await BenchAgent.start({
    bench,
    bookPath: join(folder, BOOK_NAME),
    auditFiles: new HostAuditFiles(join(folder, 'audit.jsonl')),
    holder: thisProcess(process.argv.slice(2), systemClock),
    clock: systemClock,
    log,
    onBoards: boards => guardian.watch(boards),
  })
  await using _served = await serveBench(running, {
    socketPath,
    ...(groupId !== undefined && { groupId }),
    callerOf: () => rules.local(),
  })
  await using tls = await door?.open(running, request => rules.byToken(request))
  running.announce(socketPath)
  let care = bench.health
  await using _keeper = new HealthKeeper({
    agent: running,
    clock: systemClock,
    log,
    everyMs: () => (care.everyHours === undefined ? undefined : care.everyHours * HOUR_MS),
    check: board => checkInProcess(board.name, options.bench, signal),
  })
  process.stderr.write(
    `hil agent: bench ${bench.name}, ${count(bench.boards.length, 'board')}, on ${socketPath}${tls ? ` and port ${tls.port}` : ''}\n`,
  )
  const again = async (): Promise<void> => {
    door?.renew()
    const bench = await reload(options.bench, running, rules)
    if (!bench) return
    care = bench.health
    share(bench)
  }
  using _reload = onSignal(
    'SIGHUP',
    () => void again().catch((error: unknown) => log.error({ err: error }, 'reloaded in part')),
  )
  await ending(running, signal)
}

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new Fault('configuration/usage', {
      expected: 'a folder for what the agent keeps',
      seen: (cause as Error).message,
      next: 'name another with HIL_STATE_DIR, or start it as a user who may write there',
      cause,
    })
  }
}

/** Ctrl-C ends now; SIGTERM first lets runs finish, until a second one. */
async function ending(running: BenchAgent, signal: AbortSignal): Promise<void> {
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  let terms = 0
  using _term = onSignal('SIGTERM', () => {
    if (terms++ > 0) return resolve()
    process.stderr.write('hil agent: waits for the runs under way; SIGTERM again ends them\n')
    running.drain(signal).then(resolve, () => resolve())
  })
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => interrupt(), { once: true })
  await Promise.race([drained, interrupted])
}

/** A program of its own, as anybody may start it: what it does is done under a lease like any other. */
async function checkInProcess(board: string, bench: string, signal: AbortSignal): Promise<void> {
  const words = [process.argv[1]!, 'health', board, '--bench', bench, '--json']
  const child = spawn(process.execPath, words, { stdio: 'ignore' })
  const end = (): void => void child.kill('SIGINT')
  signal.addEventListener('abort', end, { once: true })
  await once(child, 'exit').finally(() => signal.removeEventListener('abort', end))
}

async function reload(path: string, running: BenchAgent, rules: AccessRules): Promise<Bench | undefined> {
  let bench: Bench
  try {
    bench = await loadBench(path)
    if (bench.name !== running.benchName)
      throw new Fault('configuration/bench-file', { expected: `bench ${running.benchName}`, seen: bench.name })
  } catch (error) {
    process.stderr.write(`hil agent: not reloaded: ${asFault(error).message}\n`)
    return undefined
  }
  rules.set(bench.access)
  await running.reload(bench)
  process.stderr.write(`hil agent: reloaded, ${count(bench.boards.length, 'board')}\n`)
  return bench
}

function onSignal(name: NodeJS.Signals, listener: () => void): Disposable {
  process.on(name, listener)
  return { [Symbol.dispose]: () => void process.off(name, listener) }
}

/** `hil agent token`: a new token, and the line of a bench file that lets it in. It is shown once, and kept nowhere. */
export function token(name: string, { role }: { role: string }): void {
  const secret = randomBytes(32).toString('base64url')
  const tokenSha256 = createHash('sha256').update(secret).digest('hex')
  process.stdout.write(`${secret}\n`)
  process.stderr.write(`access:\n  - { name: ${name}, tokenSha256: ${tokenSha256}, role: ${role} }\n`)
}
