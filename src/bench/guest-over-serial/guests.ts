import type { Random } from '../../base/random.ts'
import type { Board } from '../load.ts'
import { Network, type NetworkContext } from '../network.ts'
import type { SerialShell } from '../serial-shell/serial-shell.ts'
import { hostSsh } from './connector.ts'
import { SerialHost } from './host.ts'

/** The guests of a board as its host's serial console reaches them. */
export function guestsOverSerial(
  { spec, type }: Pick<Board, 'spec' | 'type'>,
  serial: (signal: AbortSignal) => Promise<SerialShell>,
  { random, ...context }: Pick<NetworkContext, 'sshLimitMs' | 'onTrust' | 'clock'> & { random?: Random },
): Network {
  const host = new SerialHost(serial, context.clock)
  return new Network(hostSsh(host, random), {
    ...context,
    spec,
    type,
    hostShell: signal => host.ready(signal),
    serial: async () => host,
  })
}
