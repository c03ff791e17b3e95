import { Fault } from '../base/fault.ts'
import type { LiveBoardOptions } from './live-board-options.ts'
import type { Board } from './load.ts'
import { Network, type NetworkContext } from './network.ts'
import { openControl } from './open-control.ts'

/** The network of a board, for one boot. Errors: `test/misuse` where it has none. */
export async function openNetwork(
  board: Board,
  options: LiveBoardOptions,
  more: Pick<NetworkContext, 'sshLimitMs' | 'serial' | 'onHost'>,
): Promise<Network> {
  const { spec, type, wired, name } = board
  if (!spec.shell || !wired.shell)
    throw new Fault('test/misuse', { expected: 'a board with SSH', seen: `${name} has no shell wired` })
  const connector = await openControl(board, 'shell', options)
  return new Network(connector, {
    spec,
    wiring: spec.shell,
    type,
    onTrust: options.listener.trusted,
    clock: options.clock,
    ...more,
  })
}
