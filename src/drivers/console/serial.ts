import { z } from 'zod'
import type { Console } from '../../controls/console.ts'
import { defineDriver } from '../../controls/driver.ts'
import { Pace } from './shared/pace.ts'
import { ReopeningLine } from './shared/reopening-line.ts'
import { serialLink } from './serial/link.ts'

const Options = z.strictObject({
  /** A name that follows the adapter: /dev/serial/by-id/…, never /dev/ttyUSB0. */
  path: z.string().min(1),
  baudRate: z.int().min(50).max(4_000_000).default(115_200),
  ...Pace,
})
type Options = z.infer<typeof Options>

/**
 * A serial port, 8N1 without flow control.
 *
 * Errors: `infrastructure/tty-open` when it cannot be opened, `infrastructure/tty-busy` when another program reads it.
 */
export default defineDriver<Console, Options>({
  models: ['pty pairs of socat, in front of QEMU UARTs'],
  options: Options,
  open: async (options, { clock, log }) => ({
    open: async (sink, signal) => {
      const device = `${options.path} at ${options.baudRate}`
      const line = { ...options, device, bitsPerSecond: options.baudRate, clock, log, sink }
      return await ReopeningLine.open(serialLink(options, log), line, signal)
    },
  }),
})
