import { z } from 'zod'
import type { Console } from '../../controls/console.ts'
import { defineDriver } from '../../controls/driver.ts'
import { Pace } from './shared/pace.ts'
import { ReopeningLine } from './shared/reopening-line.ts'
import { PortSettings } from './tcp/com-port.ts'
import { tcpLink } from './tcp/link.ts'

const Options = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535),
    /** What the server speaks: bytes as they are, telnet, or telnet that sets the port as well (RFC 2217). */
    mode: z.enum(['raw', 'telnet', 'rfc2217']).default('raw'),
    ...PortSettings,
    ...Pace,
  })
  .superRefine((options, context) => {
    if (options.mode === 'rfc2217') return
    for (const name of Object.keys(PortSettings) as (keyof typeof PortSettings)[])
      if (options[name] !== undefined)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `mode ${options.mode} cannot set it: it needs mode rfc2217`,
        })
  })
type Options = z.infer<typeof Options>

/**
 * A serial line behind TCP: a terminal server, ser2net, a QEMU chardev.
 *
 * In mode rfc2217 the port is set to 115200 8N1 unless told otherwise, and the server must confirm it. Who else is
 * connected cannot be known: let the server take one connection only. Flow control of RFC 2217 is not obeyed.
 * Errors: `infrastructure/tty-open` when it cannot be opened.
 */
export default defineDriver<Console, Options>({
  models: ['ser2net 4.3 in front of a pty: raw, telnet, RFC 2217'],
  options: Options,
  open: async (options, { clock, log }) => ({
    open: async (sink, signal) => {
      const device = `${options.host}:${options.port} (${options.mode})`
      const line = { ...options, device, bitsPerSecond: options.baudRate, clock, log, sink }
      return await ReopeningLine.open(tcpLink(options), line, signal)
    },
  }),
})
