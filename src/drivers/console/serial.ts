import { z } from 'zod'
import type { Console } from '../../controls/console.ts'
import { defineDriver } from '../../controls/driver.ts'
import { SerialLine } from './serial/line.ts'

const Options = z.strictObject({
  /** A name that follows the adapter: /dev/serial/by-id/…, never /dev/ttyUSB0. */
  path: z.string().min(1),
  baudRate: z.int().min(50).max(4_000_000).default(115_200),
  /** A pause behind every byte written, for boot loaders that lose bytes of a burst. */
  writePaceMs: z.int().min(1).max(1000).optional(),
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
    open: async (sink, signal) => await SerialLine.open({ ...options, clock, log, sink }, signal),
  }),
})
