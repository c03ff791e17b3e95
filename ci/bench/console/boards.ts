import { Agent, type OpenLease } from '../../../src/agent/agent.ts'
import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/time.ts'
import { LiveBoard } from '../../../src/bench/live-board.ts'
import { loadBench } from '../../../src/bench/load.ts'
import { thisProcess } from '../../../src/bench/lock.ts'
import { never } from '../lib/raw-power.ts'
import type { Lab } from '../lib/lab.ts'

/** Wires a board for every tty: nothing but a console, and a supply that does not exist. */
export function wireConsoles(lab: Lab, ttys: readonly string[], baudRate = 115_200): void {
  const supply = { driver: 'command', on: ['true'], off: ['true'] }
  const boards = ttys.map((path, n) => [
    `board-${n}`,
    {
      type: 'nuc',
      twin: true,
      login: { user: 'ghaf', password: 'ghaf' },
      power: supply,
      console: { driver: 'serial', path, baudRate },
    },
  ])
  lab.wire(Object.fromEntries(boards))
}

const UNWATCHED = {
  park: false,
  signal: never(),
  listener: { trusted: () => {}, note: () => {}, fault: console.error, broken: console.error },
}

/** Opens those boards as a lease does: serial driver, death patterns, the board's recording and a run's copy. */
export async function openConsoles(benchFile: string, copyIn?: (board: string) => string): Promise<LiveBoard[]> {
  const { boards } = await loadBench(benchFile)
  const consoleOwner = thisProcess(['bench'], systemClock)
  const options = { clock: systemClock, log: silentLog, epoch: 1, consoleOwner, ...UNWATCHED }
  return Promise.all(
    boards.map(async board => {
      const recordingPath = copyIn?.(board.name)
      return LiveBoard.open(board, { ...options, ...(recordingPath !== undefined && { recordingPath }) })
    }),
  )
}

/** Leases those boards, as a run does. */
export async function leaseConsoles(benchFile: string): Promise<{ agent: Agent; leases: readonly OpenLease[] }> {
  const { boards } = await loadBench(benchFile)
  const agent = new Agent(systemClock, silentLog)
  const holder = thisProcess(['bench'], systemClock)
  const leases = await Promise.all(boards.map(async board => agent.lease(board, { holder, waitMs: 0, ...UNWATCHED })))
  return { agent, leases }
}
