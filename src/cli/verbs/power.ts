import { boardOf, leaseFor } from '../board-of.ts'

/** `hil power`: acts, then says what the power reads. */
export async function power(
  name: string,
  action: 'on' | 'off' | 'cycle' | 'status',
  options: { bench: string },
  signal: AbortSignal,
): Promise<void> {
  const board = await boardOf(options.bench, name)
  await using lease = await leaseFor(board, signal)
  if (action === 'off' || action === 'cycle') await lease.live.powerOff(signal)
  if (action === 'on' || action === 'cycle') await lease.live.powerOn(signal)
  process.stdout.write(`${board.name}: ${await lease.live.powerState(signal)}\n`)
}
