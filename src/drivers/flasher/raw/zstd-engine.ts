import { createZstdDecompress, zstdCompressSync } from 'node:zlib'

/** How far one step of decoding came. */
export interface ZstdStep {
  readonly inputLeft: number
  readonly roomLeft: number
}

/** Decodes zstd into memory of the caller. */
export interface ZstdEngine extends Disposable {
  /** Errors: the decoder's own words for damaged input. */
  step(input: Buffer, from: number, to: number, room: Uint8Array): ZstdStep
}

/** What lies beneath Node's zstd stream. Nothing promises that it stays so: `openZstdEngine` tries it out. */
interface Beneath {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Buffer,
      at: number,
      size: number,
      out: Uint8Array,
      outAt: number,
      outSize: number,
    ): void
    /** Called, within `writeSync`, for input that cannot be decoded. */
    readonly onerror: (message: string) => void
  }
  readonly _writeState: Uint32Array
}

/**
 * Node's own zstd decoder without the stream on top, which hands each piece from thread to thread and to be copied; in a
 * thread that does nothing else there is nobody to keep responsive. Undefined where a later Node.js has changed it: the
 * public stream does the same in a quarter more time. Undefined, too, with `HIL_ZSTD=stream` in the environment: so tests
 * and benchmarks try that out.
 */
export function openZstdEngine(): ZstdEngine | undefined {
  if (process.env['HIL_ZSTD'] === 'stream') return undefined
  try {
    using trial = open()
    const text = Buffer.from('decoded as it should be')
    const room = Buffer.alloc(text.length + 1)
    const packed = zstdCompressSync(text)
    const { inputLeft, roomLeft } = trial.step(packed, 0, packed.length, room)
    return inputLeft === 0 && roomLeft === 1 && room.subarray(0, -1).equals(text) ? open() : undefined
  } catch {
    return undefined
  }
}

function open(): ZstdEngine {
  const stream = createZstdDecompress()
  const { _handle: handle, _writeState: state } = stream as unknown as Beneath
  let failure: string | undefined
  Object.assign(handle, { onerror: (message: string) => (failure = message) })
  return {
    step: (input, from, to, room) => {
      handle.writeSync(0, input, from, to - from, room, 0, room.length)
      if (failure !== undefined) throw new Error(failure)
      return { roomLeft: state[0]!, inputLeft: state[1]! }
    },
    [Symbol.dispose]: () => stream.destroy(),
  }
}
