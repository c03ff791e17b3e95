import { answered, connect } from '../../agent/client.ts'
import { hostOf, agentOf } from '../../agent/host.ts'
import { changeHealth, readHealth } from '../../agent/health/health-file.ts'
import { asFault, classOf } from '../../base/fault.ts'
import { silentLog } from '../../base/log.ts'
import { harmless, harmlessLines, humanDuration, humanTime } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import type { Board } from '../../bench/load.ts'
import { thisProcess } from '../../bench/lock.ts'
import { afterCheck, faultsPer100, type Check, type HealthRecord } from '../../model/health.ts'
import { exitCodeOf } from '../../model/verdict.ts'
import { checkHealth, knownGood } from '../../run/health-check.ts'
import { boardOf } from '../board-of.ts'

interface HealthOptions {
  readonly bench: string
  readonly wait: number
  readonly record?: boolean
  readonly json?: boolean
}

/** `hil health`: checks a board and says what is known of it. Exits by whose fault it is that it did not pass. */
export async function health(name: string, options: HealthOptions, signal: AbortSignal): Promise<void> {
  const board = await boardOf(options.bench, name)
  const say = (text: string): void => {
    if (!options.json) process.stdout.write(`${board.name}: ${harmlessLines(text)}\n`)
  }
  if (options.record) return tell(board, readHealth(board.stateDir), options.json)
  const { check, stateDir } = await checked(board, options, say, signal)
  const record = changeHealth(stateDir, before => afterCheck(before, check))
  await tellAgent(board, signal)
  if (options.json) return tell({ ...board, stateDir }, record, true, check)
  const took = humanDuration(check.durationMs)
  if (check.ok) say(`sound: off, on, ${check.image} booted, a shell answers, in ${took}`)
  else say(`not sound after ${took}: ${check.fault}: ${check.seen}`)
  tell(board, record, false)
  exitBy(check)
}

async function checked(
  board: Board,
  { wait }: HealthOptions,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<{ check: Check; stateDir: string }> {
  const clock = systemClock
  let good = knownGood(board)
  try {
    const host = await hostOf(board.bench, { clock, log: silentLog, signal, isGuarded: true })
    await using lease = await host.lease(board, {
      ...{ holder: thisProcess(process.argv.slice(2), clock), waitMs: wait * 60_000, signal, mends: true },
      listener: {
        trusted: () => undefined,
        note: text => say(text),
        fault: fault => say(fault.message),
        broken: fault => say(fault.message),
      },
    })
    // Those of the host that has the board: golden images lie with it.
    good = knownGood(lease.board)
    say(`boots ${good.says}`)
    const check = await checkHealth(lease, good, {
      clock,
      signal,
      emit: event => {
        if (event.type === 'stage' && event.state === 'end') say(`${event.stage} done`)
      },
    })
    return { check, stateDir: lease.board.stateDir }
  } catch (error) {
    const fault = asFault(error)
    // Somebody has it, or asked wrongly: nothing was found out about the board.
    if (fault.class !== 'infrastructure' || fault.code === 'infrastructure/agent-gone') throw error
    const check = {
      atMs: clock.nowMs(),
      durationMs: 0,
      ok: false,
      image: good.says,
      fault: fault.code,
      seen: fault.seen,
    }
    return { check, stateDir: board.stateDir }
  }
}

async function tellAgent(board: Board, signal: AbortSignal): Promise<void> {
  const socketPath = await agentOf(board.bench, systemClock, signal).catch(() => undefined)
  if (socketPath === undefined) return
  using client = connect(socketPath, undefined, signal)
  await answered(client.api.healthChanged.mutate({ board: board.name })).catch(() => undefined)
}

function tell(board: Board, record: HealthRecord, json = false, check?: Check): void {
  const { quarantine, lastCheck, uses, released } = record
  const per100 = faultsPer100(record)
  if (json) {
    const told = {
      ...{ board: board.name, quarantine, released: released ?? null, lastCheck },
      ...{ runs: uses.length, faultsPer100: per100, uses },
    }
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`)
    if (check) exitBy(check)
    return
  }
  const lines = [
    per100 === null ? 'no run yet' : `${per100} faults per 100 runs, of the last ${uses.length}`,
    ...(lastCheck ? [`last checked ${humanTime(lastCheck.atMs)}: ${lastCheck.ok ? 'sound' : lastCheck.fault}`] : []),
    ...(released ? [`last released ${humanTime(released.atMs)} by ${released.by}: ${released.reason}`] : []),
    ...(quarantine
      ? [`quarantined since ${humanTime(quarantine.sinceMs)} by ${quarantine.by ?? 'rule'}: ${quarantine.reason}`]
      : []),
  ]
  for (const line of lines) process.stdout.write(`${board.name}: ${harmless(line)}\n`)
}

function exitBy({ ok, fault }: Check): void {
  if (!ok && fault) process.exitCode = exitCodeOf([classOf(fault)])
}
