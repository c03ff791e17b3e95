/**
 * NVIDIA's Tegra Combined UART: the debug text of several processors on one line, as the Jetson Orin (T234) sends it.
 *
 * `FF <tag>`: what follows is of this processor. `FF FF`: one byte FF. `FF FD`: the sender has just started, and talks
 * of its default client from here on. The same in both directions; the tag need not be repeated.
 * Source: NVIDIA's own demultiplexer, https://github.com/NVIDIA/tcu_muxer (README.md: the tags; uart-proto.h: the escapes;
 * tcu_com.c: reset, default client, the other direction), and a free firmware that speaks it on the processor that sends
 * it, https://github.com/andoma/mios (src/platform/tegra234-spe/tcu.c, src/util/smux.c). Both agree. Thor (T264) has
 * other tags. That FF FD leads back to CCPLEX is what tcu_muxer does for the chips it has a table of.
 */
export const ESCAPE = 0xff
const RESET = 0xfd

export const CHANNELS = ['spe', 'ccplex', 'bpmp', 'sce', 'tz', 'rce'] as const
export type Channel = (typeof CHANNELS)[number]
const FIRST_TAG = 0xe0
const DEFAULT_CHANNEL: Channel = 'ccplex'

/**
 * What to send when a line was just opened: it ends a half-sent escape, and makes the board name its channel again
 * before it goes on. As tcu_muxer does.
 */
export const RESTARTED: Uint8Array = Uint8Array.of(0x00, ESCAPE, RESET)

/** The bytes that carry `bytes` to one of the processors. */
export function encode(channel: Channel, bytes: Uint8Array): Uint8Array {
  const escaped = bytes.includes(ESCAPE)
    ? [...bytes].flatMap(byte => (byte === ESCAPE ? [ESCAPE, ESCAPE] : [byte]))
    : bytes
  return Uint8Array.of(ESCAPE, FIRST_TAG + CHANNELS.indexOf(channel), ...escaped)
}

/** Takes the channels of a line apart, however its bytes are chopped. */
export class Demultiplexer {
  readonly #onData: (channel: Channel, bytes: Uint8Array) => void
  #channel: Channel = DEFAULT_CHANNEL
  #escaped = false

  constructor(onData: (channel: Channel, bytes: Uint8Array) => void) {
    this.#onData = onData
  }

  feed(chunk: Uint8Array): void {
    // An escape never gives more bytes than it takes, but one that began in the chunk before may.
    const bytes = Buffer.allocUnsafe(chunk.length + 1)
    let length = 0
    const flush = (): void => {
      // A copy: the rest of the buffer is still to be filled.
      if (length > 0) this.#onData(this.#channel, Buffer.from(bytes.subarray(0, length)))
      length = 0
    }
    for (const byte of chunk) {
      if (!this.#escaped) {
        if (byte === ESCAPE) this.#escaped = true
        else bytes[length++] = byte
        continue
      }
      this.#escaped = false
      const channel = byte === RESET ? DEFAULT_CHANNEL : CHANNELS[byte - FIRST_TAG]
      if (channel !== undefined) {
        flush()
        this.#channel = channel
        continue
      }
      // What is no escape is noise, or sent by who does not know the format: kept, as it came.
      bytes[length++] = ESCAPE
      if (byte !== ESCAPE) bytes[length++] = byte
    }
    flush()
  }

  /** The line was away: what it was in the middle of is unknown. */
  restart(): void {
    this.#channel = DEFAULT_CHANNEL
    this.#escaped = false
  }
}
