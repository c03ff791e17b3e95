import { join } from 'node:path'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import type { Console, ConsoleLine, ConsoleSink } from '../../controls/console.ts'
import { defineDriver, type DriverContext } from '../../controls/driver.ts'
import { ChannelLog } from './tcu/channel-log.ts'
import { CHANNELS, Demultiplexer, encode, RESTARTED, type Channel } from './tcu/format.ts'

const Options = z.strictObject({
  /** The processor whose text is the board's console: the one that Linux runs on. */
  channel: z.enum(CHANNELS).default('ccplex'),
})
type Options = z.infer<typeof Options>

/**
 * One processor's part of an NVIDIA Tegra Combined UART, over the driver of the line itself.
 *
 * What the other processors say is kept in `console-<channel>.log` in the board's state folder. What the board prints
 * before its multiplexer runs belongs to the channel it last named. Pauses between bytes are options of the driver below.
 * Not tested with a Jetson: with lines made by the rules in `tcu/format.ts`, through ptys and ser2net.
 * Errors: those of the driver below.
 */
export default defineDriver<Console, Options>({
  models: ['none yet: byte streams by the published rules, over a pty and over ser2net'],
  options: Options,
  wraps: true,
  open: async ({ channel }, context, over) => {
    if (!over) throw new Fault('internal/bug', { expected: 'a driver for tcu to work over', seen: 'none' })
    return { open: async (sink, signal) => await openChannel(channel, over, context, sink, signal) }
  },
})

async function openChannel(
  channel: Channel,
  over: Console,
  { stateDir, log }: DriverContext,
  sink: ConsoleSink,
  signal: AbortSignal,
): Promise<ConsoleLine> {
  const others = new Map(
    CHANNELS.filter(name => name !== channel).map(name => [
      name,
      new ChannelLog(join(stateDir, `console-${name}.log`), log),
    ]),
  )
  const demultiplexer = new Demultiplexer((from, bytes) => {
    if (from === channel) sink.data(bytes)
    else others.get(from)?.write(bytes)
  })
  const restarted = (): void => {
    // A line that is gone again already will be back, and told then.
    line?.write(RESTARTED).catch((error: unknown) => log.debug({ error }, 'the multiplexer was not told'))
  }
  let cutShort = false
  let line: ConsoleLine | undefined
  line = await over.open(
    {
      data: chunk => demultiplexer.feed(chunk),
      lost: reason => sink.lost(reason),
      robbed: by => sink.robbed(by),
      back: () => {
        demultiplexer.restart()
        sink.back()
        restarted()
      },
    },
    signal,
  )
  restarted()
  const opened = line
  return {
    device: `${channel} of ${opened.device}`,
    write: async (bytes, signal) => {
      const encoded = encode(channel, bytes)
      const wire = cutShort ? Buffer.concat([RESTARTED, encoded]) : encoded
      // Until it is whole: a write that ends early may end within an escape.
      cutShort = true
      await opened.write(wire, signal)
      cutShort = false
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]()
      await Promise.all([...others.values()].map(other => other[Symbol.asyncDispose]()))
    },
  }
}
