import { Fault } from '../base/fault.ts'
import { silentLog } from '../base/log.ts'
import { harmlessLines } from '../base/text.ts'
import { systemClock } from '../base/time.ts'
import type { Lease } from '../agent/agent.ts'
import { hostOf, type Host } from '../agent/host.ts'
import { thisProcess } from '../bench/lock.ts'
import { loadBench, type Board } from '../bench/load.ts'
import { chooseBoards, missingFor } from '../run/plan.ts'

/** The one board a person names: by name, or the first of a type. */
export async function boardOf(bench: string, name: string): Promise<Board> {
  const loaded = await loadBench(bench)
  const [board] = chooseBoards(loaded, [name])
  return board!
}

/** Leases a board for one command typed by a person; it stays as the command leaves it. */
export async function leaseFor(
  board: Board,
  signal: AbortSignal,
  { host, sharedConsole = false }: { host?: Pick<Host, 'lease'>; sharedConsole?: boolean } = {},
): Promise<Lease> {
  const missing = await missingFor(board)
  if (missing !== undefined)
    throw new Fault('configuration/missing-tool', {
      expected: `this host to be able to run ${board.name}`,
      seen: missing,
    })
  const from = host ?? (await hostOf(board.bench, { clock: systemClock, log: silentLog, signal }))
  return from.lease(board, {
    holder: thisProcess(process.argv.slice(2), systemClock),
    waitMs: 0,
    signal,
    park: false,
    mends: true,
    sharedConsole,
    listener: {
      trusted: () => undefined,
      note: text => void process.stderr.write(`${board.name}: ${harmlessLines(text)}\n`),
      fault: fault => void process.stderr.write(`${board.name}: ${harmlessLines(fault.message)}\n`),
      broken: fault => void process.stderr.write(`${board.name}: ${harmlessLines(fault.message)}\n`),
    },
  })
}
