import { hostOf, type Host } from '../../agent/host.ts'
import { changeHealth, readHealth } from '../../agent/health/health-file.ts'
import { leaseBookOf } from '../../agent/remote/lease-book.ts'
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
  if (options.record) return tell(board, readHealth(await stateDirOf(board, signal)), options.json)
  const host = await hostOf(board.bench, { clock: systemClock, log: silentLog, signal, isGuarded: true })
  const check = await checked(board, host, options, say, signal)
  const record = changeHealth(host.stateDirOf(board), before => afterCheck(before, check))
  await host.healthChanged(board)
  if (options.json) return tell(board, record, true, check)
  const took = humanDuration(check.durationMs)
  if (check.ok) say(`sound: off, on, ${check.image} booted, a shell answers, in ${took}`)
  else say(`not sound after ${took}: ${check.fault}: ${check.seen}`)
  tell(board, record, false)
  exitBy(check)
}

/** Where a board's state is: its agent may have another folder than this user. */
async function stateDirOf({ bench, name, stateDir }: Board, signal: AbortSignal): Promise<string> {
  const book = await leaseBookOf(bench, systemClock, signal)
  return book?.boards.find(board => board.name === name)?.stateDir ?? stateDir
}

async function checked(
  board: Board,
  host: Host,
  { wait }: HealthOptions,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Check> {
  const clock = systemClock
  let good = knownGood(board)
  try {
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
    return await checkHealth(lease, good, {
      clock,
      signal,
      emit: event => {
        if (event.type === 'stage' && event.state === 'end') say(`${event.stage} done`)
      },
    })
  } catch (error) {
    const fault = asFault(error)
    // Somebody has it, or asked wrongly: nothing was found out about the board.
    if (fault.class !== 'infrastructure' || fault.code === 'infrastructure/agent-gone') throw error
    return {
      atMs: clock.nowMs(),
      durationMs: 0,
      ok: false,
      image: good.says,
      fault: fault.code,
      seen: fault.seen,
    }
  }
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
