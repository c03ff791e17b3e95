import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, readFileSync, readSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib'
import { Fault } from '../../../base/fault.ts'
import { findProgram } from '../../../base/program.ts'
import { dataFrames } from '../../../image/zstd-frames.ts'
import { Fifo } from './fifo.ts'
import type { Filler } from './filler.ts'
import { imageReadFault, readSource } from './source-file.ts'
import type { Source } from './source.ts'
import { openZstdEngine, type ZstdEngine } from './zstd-engine.ts'

/** Larger pieces halve the time of Node's streams against their default. */
const CHUNK_BYTES = 1 << 20

/** What unpacks the formats that Node.js has no decoder for. */
const PROGRAMS = { xz: ['xz', '-dc', '-T0'], bz2: ['bzip2', '-dc'] } as const

/** Tells how much of the packed file was read by now. */
export interface Meter {
  packedBytes: () => number
}

/**
 * Decodes an image into a filler, to its end. Resolves to the size it decoded to.
 *
 * Errors: `configuration/image` for what cannot be decoded, `infrastructure/image-read` for a file that cannot be read,
 * `configuration/missing-tool`; after any of them the medium does not boot. `Stopped` when the ring was.
 */
export async function decode(source: Source, filler: Filler, meter: Meter, signal: AbortSignal): Promise<number> {
  const engine = source.format === 'zst' ? openZstdEngine() : undefined
  if (source.format === 'raw') copy(source, filler)
  else if (engine) decodeZstd(source, filler, engine)
  else if (source.format === 'zst') await inflateFrames(source, filler, signal)
  else if (source.format === 'gz') await inflate(source, createGunzip(STREAM), { start: 0 }, filler, signal, meter)
  else await unpack(source, PROGRAMS[source.format], filler, meter, signal)
  return filler.finish()
}

function copy(source: Source, filler: Filler): void {
  while (filler.position < source.sizeBytes) {
    const { room } = filler
    const wanted = room.subarray(0, Math.min(room.length, source.sizeBytes - filler.position))
    if (!filler.isGap && readSource(source, wanted, filler.position) < wanted.length) throw cutShort(source)
    filler.advance(wanted.length)
  }
}

function decodeZstd(source: Source, filler: Filler, engine: ZstdEngine): void {
  using decoder = engine
  const input = Buffer.alloc(CHUNK_BYTES)
  for (let at = 0; at < source.sizeBytes;) {
    const size = readSource(source, input, at)
    if (size === 0) throw cutShort(source)
    at += size
    for (let from = 0; ;) {
      const { room } = filler
      const step = stepOf(source, decoder, input, from, size, room)
      filler.advance(room.length - step.roomLeft)
      from = size - step.inputLeft
      // With room left, all that this input holds has come out.
      if (step.inputLeft === 0 && step.roomLeft > 0) break
    }
  }
}

function stepOf(source: Source, decoder: ZstdEngine, input: Buffer, from: number, to: number, room: Buffer) {
  try {
    return decoder.step(input, from, to, room)
  } catch (error) {
    throw undecodable(source, error as Error)
  }
}

/** Without the engine: a public stream ends with its frame, whatever follows, so each frame has one of its own. */
async function inflateFrames(source: Source, filler: Filler, signal: AbortSignal): Promise<void> {
  for await (const { start, end } of dataFrames(source.path, source.sizeBytes, signal)) {
    const decoder = createZstdDecompress(STREAM)
    await inflate(source, decoder, { start, end: end - 1 }, filler, signal)
    if (decoder.bytesWritten !== end - start)
      throw undecodable(source, new Error(`the frame at byte ${start} was not decoded to its end`))
  }
}

const STREAM = { chunkSize: 2 * CHUNK_BYTES }

/** Decodes a part of a file by a stream of Node's. */
async function inflate(
  source: Source,
  decoder: Gunzip | ZstdDecompress,
  part: { start: number; end?: number },
  filler: Filler,
  signal: AbortSignal,
  meter?: Meter,
): Promise<void> {
  const file = createReadStream(source.path, { highWaterMark: CHUNK_BYTES, ...part })
  if (meter) meter.packedBytes = () => file.bytesRead
  let readError: Error | undefined
  let decodeError: Error | undefined
  file.once('error', error => (readError = error))
  decoder.once('error', error => (decodeError ??= error))
  try {
    await pipeline(file, decoder, chunks => consume(chunks as AsyncIterable<Buffer>, filler), { signal })
  } catch (error) {
    if (error === readError) throw imageReadFault(source.path, error as Error)
    throw error === decodeError ? undecodable(source, error as Error) : error
  }
}

/**
 * A child of its own uses another core. What it says is read straight to where it belongs: a stream would have it in fresh
 * memory first, piece by piece.
 */
async function unpack(
  source: Source,
  [name, ...args]: readonly [string, ...string[]],
  filler: Filler,
  meter: Meter,
  signal: AbortSignal,
) {
  const program = findProgram(name)
  if (program === undefined)
    throw new Fault('configuration/missing-tool', {
      expected: `the program ${name}, to unpack ${source.path}`,
      seen: 'none in PATH',
      next: `install ${name === 'xz' ? 'xz-utils' : name}, or name the image packed as zst; the medium does not boot now`,
    })
  // As its input it shares our place in the file: that tells how far it is.
  meter.packedBytes = () => placeIn(source.fd)
  using fifo = new Fifo()
  const child = spawn(program, args, {
    stdio: [source.fd, fifo.writeFd, 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 2000)))
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  ended.catch(() => undefined)
  try {
    fifo.closeWriteEnd()
    while (drain(fifo.readFd, filler)) signal.throwIfAborted()
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  const [code, killedBy] = await ended
  if (code !== 0) throw undecodable(source, new Error(said.trim() || `${name} ended with ${code ?? killedBy}`))
}

/** Takes what has come, waiting for it; false at the end. */
function drain(fd: number, filler: Filler): boolean {
  const { room } = filler
  const size = readSync(fd, room, 0, room.length, null)
  filler.advance(size)
  return size > 0
}

/** Where the next read of an open file begins. Source: https://man7.org/linux/man-pages/man5/proc_pid_fdinfo.5.html. */
function placeIn(fd: number): number {
  return Number(/^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? 0)
}

async function consume(chunks: AsyncIterable<Buffer>, filler: Filler): Promise<void> {
  for await (const chunk of chunks) {
    filler.put(chunk)
    giveBack(chunk)
  }
}

/**
 * Frees memory that a stream has filled to its end, and will not look at again. Left to the garbage collector each piece
 * of an image would be put into fresh memory, which takes as long again as to decode it.
 */
function giveBack({ buffer, byteOffset, length }: Buffer): void {
  if (byteOffset + length === buffer.byteLength) (buffer as ArrayBuffer).transfer(0)
}

function undecodable(source: Source, cause: Error): Fault {
  return new Fault('configuration/image', {
    expected: `${source.path} to be readable to its end`,
    seen: cause.message,
    next: 'the medium holds a part of it and does not boot now: build or fetch the image again and flash that',
    cause,
  })
}

function cutShort(source: Source): Fault {
  return undecodable(source, new Error('it became shorter while it was read'))
}
