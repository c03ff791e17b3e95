import type { SimProcess } from '../host/process.ts'
import type { ClientFault } from '../lab/faults.ts'
import type { VirtualTime } from '../time/virtual-time.ts'
import type { SimNet } from './net.ts'

/** What happens to a process that calls an agent, or to its connections, and not by its own doing. */
export type ConnectionFault = Exclude<ClientFault, 'client-killed' | 'client-interrupted'>

/** Strikes a client; false: there was nothing to be struck. */
export function strikeClient(
  { kind, amount }: { readonly kind: ConnectionFault; readonly amount: number },
  process: SimProcess,
  { net, time }: { readonly net: SimNet; readonly time: VirtualTime },
): boolean {
  const wires = net.wiresOf(process)
  if (wires.length === 0 && kind !== 'client-stands-still') return false
  switch (kind) {
    case 'client-stands-still':
      process.standStill(amount)
      break
    case 'connection-cut':
      for (const wire of wires) wire.cut(amount)
      break
    case 'connection-half-open':
      for (const wire of wires) wire.mute()
      break
    case 'calls-delayed':
      for (const wire of wires) wire.slowMs = amount
      time.after(4 * amount, () => {
        for (const wire of wires) wire.slowMs = 0
      })
      break
    case 'calls-doubled':
      for (const wire of wires) wire.again.push(amount, amount / 2, amount / 4)
  }
  return true
}
