import { userInfo } from 'node:os'
import { silentLog } from '../../../src/base/log.ts'
import { systemClock } from '../../../src/base/time.ts'
import { LiveBoard } from '../../../src/bench/live-board.ts'
import type { Board } from '../../../src/bench/load.ts'
import { never } from './raw-power.ts'

/** A board as a run has it, for a benchmark in this process. Disposing it leaves the board on: others go on with the same boot. */
export async function openLive(board: Board): Promise<LiveBoard> {
  const thrown = (fault: Error): never => {
    throw fault
  }
  return LiveBoard.open(board, {
    clock: systemClock,
    log: silentLog,
    listener: { trusted: () => {}, note: () => {}, fault: thrown, broken: thrown },
    consoleOwner: { pid: process.pid, user: userInfo().username, command: 'npm run bench', sinceMs: Date.now() },
    park: false,
    signal: never(),
  })
}

/** Leaves the serial shell's loop and the login, until somebody else may log in on the console. */
export async function logOut(live: LiveBoard): Promise<void> {
  const console = live.console!
  const from = console.end()
  await console.write('hil-exit\nexit\n')
  const late = (): Error => new Error('no login prompt after exit')
  await console.expect(/login: /, { from, limitMs: 10_000, late })
}
