import type { Board } from '../load.ts'
import { Network, type NetworkContext } from '../network.ts'
import type { SerialShell } from '../serial-shell/serial-shell.ts'
import { hostSsh } from './connector.ts'
import { SerialHost } from './host.ts'

/** The guests of a board as its host's serial console reaches them. */
export function guestsOverSerial(
  { spec, type }: Pick<Board, 'spec' | 'type'>,
  serial: (signal: AbortSignal) => Promise<SerialShell>,
  context: Pick<NetworkContext, 'sshLimitMs' | 'onTrust'>,
): Network {
  const host = new SerialHost(serial)
  return new Network(hostSsh(host), {
    ...context,
    spec,
    type,
    hostShell: signal => host.ready(signal),
    serial: async () => host,
  })
}
