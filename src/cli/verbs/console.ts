import { connect } from '../../agent/client.ts'
import { agentOf, hostOf } from '../../agent/host.ts'
import { asFault, Fault } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import { systemClock } from '../../base/time.ts'
import { describeHolder, holderOf, thisProcess } from '../../bench/lock.ts'
import type { Board } from '../../bench/load.ts'
import { boardOf, leaseFor } from '../board-of.ts'
import { Session } from '../console/session.ts'
import { Terminal } from '../console/terminal.ts'

export interface ConsoleOptions {
  readonly bench: string
  readonly watch?: boolean
  readonly steal?: boolean
  readonly reason?: string
}

/** How long a holder that has just taken its board may need until its agent answers. */
const AGENT_LIMIT_MS = 5000
const POLL_MS = 100

/** `hil console`: watches a held board by its holder's agent; on a free one, is the agent that others watch by. */
export async function console(name: string, options: ConsoleOptions, signal: AbortSignal): Promise<void> {
  mustMakeSense(options)
  const board = await boardOf(options.bench, name)
  if (!board.wired.console)
    throw new Fault('configuration/bench-file', { expected: `${board.name} to have a console`, seen: 'none wired' })
  using terminal = new Terminal()
  const why = await hostOrJoin(board, terminal, options, signal)
  terminal[Symbol.dispose]()
  terminal.note(why)
}

async function hostOrJoin(
  board: Board,
  terminal: Terminal,
  options: ConsoleOptions,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const bench = await agentOf(board.bench, systemClock, signal)
    const socket = bench === undefined ? await runOf(board, signal) : undefined
    if (socket !== undefined) return await attend(board, socket, terminal, options, false, signal)
    try {
      return await host(board, terminal, options, signal)
    } catch (error) {
      // Somebody was faster: then there is an agent to join.
      if (asFault(error).code !== 'lease/held') throw error
      if (bench !== undefined) return await attend(board, bench, terminal, options, false, signal)
    }
  }
}

/** The socket of the run that holds a board; undefined: nobody does. Errors: `lease/held` by one that cannot be watched. */
async function runOf(board: Board, signal: AbortSignal): Promise<string | undefined> {
  const until = systemClock.ticksMs() + AGENT_LIMIT_MS
  for (;;) {
    const holder = await holderOf(board.bench, board.name)
    if (holder === undefined) return undefined
    if (holder?.agentSocket !== undefined) return holder.agentSocket
    if (systemClock.ticksMs() >= until)
      throw new Fault('lease/held', {
        expected: `a holder of ${board.name} whose console can be watched`,
        seen: holder ? describeHolder(holder) : 'one that does not answer',
        next: 'wait until it is done',
      })
    await systemClock.sleep(POLL_MS, signal)
  }
}

async function host(board: Board, terminal: Terminal, options: ConsoleOptions, signal: AbortSignal): Promise<string> {
  const host = await hostOf(board.bench, { clock: systemClock, log: silentLog, signal })
  // Ends behind the lease, so that whoever watches hears of the release.
  await using served = await host.serve()
  await using lease = await leaseFor(board, signal, { host, sharedConsole: true })
  lease.announce(served.socketPath)
  const power = await lease.live.powerState(signal)
  if (power === 'on') await lease.live.adopt()
  else terminal.note(`${board.name}: power ${power}`)
  return await attend(board, served.socketPath, terminal, options, true, signal)
}

async function attend(
  board: Board,
  socketPath: string,
  terminal: Terminal,
  { watch = false, reason }: ConsoleOptions,
  hosting: boolean,
  signal: AbortSignal,
): Promise<string> {
  const lost = new AbortController()
  using client = connect(socketPath, (_why, refused) =>
    lost.abort(
      refused ??
        new Fault('infrastructure/agent-gone', {
          expected: `the agent that holds ${board.name} to go on`,
          seen: 'it ended',
          next: 'start hil console again: the board may be free now',
        }),
    ),
  )
  const session = new Session(terminal, {
    api: client.api,
    board: board.name,
    claimant: thisProcess(process.argv.slice(2), systemClock),
    ...(reason !== undefined && { takeReason: reason }),
    watchOnly: watch,
    hosting,
    clock: systemClock,
  })
  try {
    return await session.attend(AbortSignal.any([signal, lost.signal]))
  } catch (error) {
    const fault = asFault(error)
    // A board that its holder has finished with is no failure of who watched.
    if (fault.code === 'lease/stale') return `${board.name} was released by its holder`
    throw fault
  }
}

function mustMakeSense({ steal = false, reason, watch = false }: ConsoleOptions): void {
  const wrong = (expected: string, seen: string): Fault => new Fault('configuration/usage', { expected, seen })
  if (steal && reason === undefined) throw wrong('--steal with --reason "…", for whom it is taken from', 'no reason')
  if (!steal && reason !== undefined) throw wrong('--reason with --steal', 'no --steal')
  if (steal && watch) throw wrong('either --steal or --watch', 'both')
}
