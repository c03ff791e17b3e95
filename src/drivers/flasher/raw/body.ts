import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { Fault } from '../../../base/fault.ts'
import type { Bmap } from '../../../image/bmap.ts'
import type { CheckOrder, CheckResult } from './check-thread.ts'
import { decode, type Meter } from './decode.ts'
import type { Filler } from './filler.ts'
import type { IoOrder, IoResult } from './io-thread.ts'
import type { OpenMedium, Sample, Way } from './medium-io.ts'
import { type Ring, THREAD_LIMITS } from './ring.ts'
import type { FlashOrder } from './job.ts'
import type { Source } from './source.ts'

/**
 * How many threads write and read back: enough for a disk to have work while others compare; a third one takes more from
 * the decoder on two processors than the disk gains. An empty file needs one.
 */
const WRITERS = availableParallelism() > 2 ? 3 : 2

/** What became of everything but the start of an image. */
export interface Body {
  readonly imageBytes: number
  readonly writtenBytes: number
  readonly readBackBytes: number
  /** Zeros that the disk made itself. */
  readonly sampledBytes: number
  /** Found right before anything was written there. */
  readonly keptBytes: number
  readonly samples: readonly Sample[]
}

/** Who brings what to where. */
export interface BodyOrder {
  readonly order: Pick<FlashOrder, 'image' | 'mustHash'>
  readonly source: Source
  readonly meter: Meter
  readonly filler: Filler
  readonly ring: Ring
  readonly medium: OpenMedium
  readonly way: Way
  /** The block map that is followed. */
  readonly map: Bmap | undefined
  /** What must be done to the medium first; the threads start up meanwhile. */
  readonly prepare: () => Promise<void>
}

/**
 * Brings everything but the start of the image to the medium. Decoding happens in this thread and blocks it.
 *
 * Errors: those of `decode` and `MediumIo`, of several the one that made the others stop; `configuration/image`.
 */
export async function bringOver(body: BodyOrder, signal: AbortSignal): Promise<Body> {
  const { source, meter, filler, ring, medium, way, map } = body
  const { image, mustHash } = body.order
  const { memory } = ring
  const writers = Array.from({ length: medium.zeros === 'trust' ? 1 : WRITERS }, () => runIo({ memory, medium, way }))
  const checker = memory.checked
    ? runCheck({ memory, path: image.path, map, rawSha256: mustHash ? image.rawSha256 : undefined })
    : Promise.resolve(undefined)
  let decoded: { imageBytes: number } | { error: unknown }
  try {
    await body.prepare()
    decoded = { imageBytes: await decode(source, filler, meter, signal) }
  } catch (error) {
    decoded = { error }
    ring.stop('source')
  }
  const results = await Promise.all(writers)
  const checked = await checker
  switch (ring.stopped) {
    case 'none':
      break
    case 'medium':
      throw worst(results)
    case 'content':
      throw checked?.type === 'failed' ? Fault.from(checked.fault) : new Error('the checker stopped without a word')
    case 'source':
      throw 'error' in decoded ? decoded.error : new Error('the decoder stopped without a word')
    case 'aborted':
      signal.throwIfAborted()
      throw new DOMException('stopped', 'AbortError')
  }
  if ('error' in decoded) throw decoded.error
  const { imageBytes } = decoded
  if (source.rawBytes !== undefined && imageBytes !== source.rawBytes) throw otherSize(source, imageBytes)
  const done = results.filter(result => result.type === 'done')
  return {
    imageBytes,
    writtenBytes: done.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
    readBackBytes: done.reduce((sum, { readBackBytes }) => sum + readBackBytes, 0),
    sampledBytes: done.reduce((sum, { sampledBytes }) => sum + sampledBytes, 0),
    keptBytes: done.reduce((sum, { keptBytes }) => sum + keptBytes, 0),
    samples: done.flatMap(({ samples }) => samples),
  }
}

function runIo(workerData: IoOrder): Promise<IoResult> {
  const url = new URL('./io-thread.ts', import.meta.url)
  return lastWord(new Worker(url, { workerData, resourceLimits: THREAD_LIMITS }))
}

function runCheck(workerData: CheckOrder): Promise<CheckResult> {
  const url = new URL('./check-thread.ts', import.meta.url)
  return lastWord(new Worker(url, { workerData, resourceLimits: THREAD_LIMITS }))
}

/** Resolves, once a thread has ended, to the one thing it said. */
async function lastWord<Result>(thread: Worker): Promise<Result> {
  let result: Result | undefined
  thread.once('message', (message: Result) => (result = message))
  await once(thread, 'exit')
  if (result === undefined) throw new Error('a thread of the flash ended without a word')
  return result
}

/** Of what several threads found bad, what lies first on the medium. */
function worst(results: readonly IoResult[]): Fault {
  const failed = results.filter(result => result.type === 'failed').sort((a, b) => a.offset - b.offset)
  return Fault.from(failed[0]!.fault)
}

function otherSize(source: Source, imageBytes: number): Fault {
  return new Fault('configuration/image', {
    expected: `${source.path} to hold ${source.rawBytes} bytes`,
    seen: `${imageBytes} bytes`,
    next: 'the medium does not boot now: build or fetch the image again and flash that',
  })
}
