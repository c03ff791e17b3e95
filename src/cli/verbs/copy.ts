import { isAbsolute, join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { humanDuration, humanSize } from '../../base/text.ts'
import { systemClock } from '../../base/time.ts'
import { boardOf, leaseFor } from '../board-of.ts'
import { openTransfer } from '../progress-transfer.ts'

export interface CopyOptions {
  readonly bench: string
  readonly from: string
  readonly to: string
}

/** `hil put`, `hil get`: a file over a board's serial console; the board stays as it is. */
export async function copy(
  way: 'put' | 'get',
  name: string,
  { bench, from, to }: CopyOptions,
  signal: AbortSignal,
): Promise<void> {
  const board = await boardOf(bench, name)
  if (!board.wired.console)
    throw new Fault('configuration/bench-file', { expected: `${board.name} to have a console`, seen: 'none wired' })
  await using lease = await leaseFor(board, signal)
  const { live } = lease
  if ((await live.powerState(signal)) === 'off')
    throw new Fault('configuration/usage', {
      expected: `${board.name} to be booted`,
      seen: 'its power reads off',
      next: `switch it on first: hil power ${board.name} on`,
    })
  await live.adopt()
  using transfer = openTransfer(process.stderr.isTTY ? 'live' : 'plain', systemClock)
  const startedMs = systemClock.ticksMs()
  const progress = ({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void =>
    transfer.show(`${board.name}: ${way === 'put' ? 'sending' : 'fetching'} ${from}`, doneBytes, totalBytes)
  const [source, target] = way === 'put' ? [here(from), to] : [from, here(to)]
  const done = await live.copyFile(way, source, target, { signal, progress })
  transfer[Symbol.dispose]()
  const tookMs = systemClock.ticksMs() - startedMs
  const resumed = done.resumedBytes > 0 ? `, ${humanSize(done.resumedBytes)} of it from an earlier attempt` : ''
  process.stdout.write(
    `${way === 'put' ? `${board.name}: ` : ''}${done.path}: ${humanSize(done.totalBytes)} in ${humanDuration(tookMs)}${resumed}, ` +
      `${done.digest.kind} ${done.digest.hex} on both sides\n`,
  )
}

/** A path of this host, for an agent that runs in another folder. A `/` at its end stays: what it names must be a folder. */
function here(path: string): string {
  return isAbsolute(path) ? path : join(process.cwd(), path)
}
