import { diskId } from '../../../base/block-device.ts'
import { Fault } from '../../../base/fault.ts'
import type { FlashMode, FlashProgress } from '../../../controls/flasher.ts'
import type { Medium } from '../../../controls/media.ts'
import type { FlashProof } from '../../../model/event.ts'
import type { Image } from '../../../model/image.ts'
import { bringOver } from './body.ts'
import type { Meter } from './decode.ts'
import { Filler, HEAD_BYTES } from './filler.ts'
import { MediumIo, type OpenMedium, type Sample, type Way } from './medium-io.ts'
import { type Opened, openTarget } from './opened.ts'
import { Ring, type RingMemory } from './ring.ts'
import { openSource, type Source } from './source.ts'
import { checkSame, lookAt, type Target } from './target.ts'

/** What a flash is told. */
export interface FlashOrder {
  readonly image: Image
  readonly target: Medium
  readonly mode: FlashMode | undefined
  readonly dryRun: boolean
  /** The image file was inspected by this process, and did not change since. */
  readonly inspected: boolean
  /** The image's promise of what it decodes to has yet to be checked. */
  readonly mustHash: boolean
  /** Made by whoever may stop the flash. */
  readonly memory: RingMemory
}

/** More would be felt on a card that takes a millisecond for each. */
const MAX_SAMPLES = 512

/**
 * Checks an image and a medium, brings one to the other, and reads back all that it wrote.
 *
 * The start of the image is written last, and only when everything else is proven: a medium that was given up on, or
 * whose host lost its power, boots nowhere. Errors: those of its parts; up to `openTarget` nothing was written.
 */
export async function flashImage(
  order: FlashOrder,
  tell: (report: FlashProgress) => void,
  signal: AbortSignal,
  begins: () => void,
): Promise<FlashProof> {
  const startMs = performance.now()
  await using source = await openSource(order.image, order.inspected, signal)
  const target = await lookAt(order.target)
  checkFit(source, target)
  const way = wayOf(order.mode, target)
  if (order.dryRun) return dryProof(source, target, way, startMs)
  const ring = new Ring(order.memory)
  ring.step('medium')
  await using opened = await openTarget(target, way, source.rawBytes, { signal, begins })
  const { medium } = opened
  // What must not be there by any means, and may lie behind the image, is looked at and not taken from the disk's word.
  const ends: OpenMedium = medium.zeros === 'sample' ? { ...medium, zeros: 'look' } : medium
  const io = new MediumIo(ends, way === 'verify' ? 'verify' : 'full')
  const phase = way === 'verify' ? 'verify' : 'write'
  const meter = { packedBytes: () => 0 }
  const report = throttled(doneBytes => tell({ phase, ...farOf(source, doneBytes, meter) }))
  const map = usableMap(source, medium)
  const filler = new Filler(ring, map, medium.sizeBytes, report)
  const prepare = async (): Promise<void> => {
    if (way !== 'verify') await markUnflashed(io, opened)
    ring.step('decoding')
  }
  const body = await bringOver({ order, source, meter, filler, ring, medium, way, map, prepare }, signal)
  const allBytes = source.rawBytes ?? source.sizeBytes
  tell({ phase, doneBytes: allBytes, totalBytes: allBytes })
  ring.step('medium')
  await flush(opened)
  for (const sample of someOf(body.samples)) io.check(sample)
  const head = filler.head.subarray(0, Math.min(HEAD_BYTES, alignedSize(body.imageBytes, medium)))
  ring.step('medium')
  io.data(0, head)
  await flush(opened)
  new MediumIo(medium, 'verify').data(0, head)
  await checkSame(target)
  tell({ phase: 'verify', doneBytes: body.imageBytes, totalBytes: body.imageBytes })
  const { rawSha256 } = order.image
  return {
    target: target.path,
    mode: way === 'adaptive' ? (body.keptBytes > 0 ? 'delta' : 'full') : way,
    imageBytes: body.imageBytes,
    writtenBytes: body.writtenBytes + io.writtenBytes,
    readBackBytes: body.readBackBytes + io.readBackBytes,
    ...(body.sampledBytes > 0 && { sampledBytes: body.sampledBytes }),
    ...(target.kind === 'device' && { disk: diskId(target.rdev, target.device?.sequence) }),
    ...(rawSha256 !== undefined && { rawSha256 }),
    durationMs: performance.now() - startMs,
  }
}

/** Where nobody knows how large an image will be, how much was read of its file tells how far it is. */
function farOf({ rawBytes, sizeBytes }: Source, doneBytes: number, meter: Meter): Omit<FlashProgress, 'phase'> {
  if (rawBytes !== undefined) return { doneBytes, totalBytes: rawBytes }
  return { doneBytes: Math.min(meter.packedBytes(), sizeBytes), totalBytes: sizeBytes }
}

/**
 * What is emptied in no time (the disk of a virtual board, an SSD) is written in full. On a card, which is not, and which
 * writes much more slowly than it reads, what is there is compared as long as that saves time.
 */
function wayOf(mode: FlashMode | undefined, { kind, device }: Target): Way {
  return mode ?? (kind === 'file' || device?.zeroes ? 'full' : 'adaptive')
}

/**
 * Clears both ends. Without its start no firmware takes the medium for anything; at the end of a larger medium may lie
 * the spare copy of an old partition table, which firmware would restore.
 */
async function markUnflashed(io: MediumIo, opened: Opened): Promise<void> {
  const { sizeBytes } = opened.medium
  io.zeros(0, Math.min(HEAD_BYTES, sizeBytes))
  if (sizeBytes > HEAD_BYTES) {
    const from = Math.max(HEAD_BYTES, alignedSize(sizeBytes - HEAD_BYTES, opened.medium))
    io.zeros(from, sizeBytes - from)
  }
  await flush(opened)
}

async function flush(opened: Opened): Promise<void> {
  try {
    await opened.sync()
  } catch (cause) {
    throw new Fault('infrastructure/flash-write', {
      expected: `${opened.medium.path} to keep what it was given`,
      seen: (cause as Error).message,
      cause,
    })
  }
}

/** A map of blocks smaller than the medium's sectors cannot be followed; zeros are looked for instead. */
function usableMap({ map }: Source, { alignBytes }: OpenMedium) {
  return map && map.blockBytes % alignBytes === 0 ? map : undefined
}

function someOf(samples: readonly Sample[]): Sample[] {
  const every = Math.ceil(samples.length / MAX_SAMPLES)
  return samples.filter((_, n) => n % every === 0).sort((a, b) => a.offset - b.offset)
}

function alignedSize(sizeBytes: number, { alignBytes }: OpenMedium): number {
  return Math.ceil(sizeBytes / alignBytes) * alignBytes
}

function dryProof(source: Source, target: Target, way: Way, startMs: number): FlashProof {
  return {
    target: target.path,
    mode: way === 'adaptive' ? 'delta' : way,
    dryRun: true,
    imageBytes: source.rawBytes ?? 0,
    writtenBytes: 0,
    readBackBytes: 0,
    durationMs: performance.now() - startMs,
  }
}

function checkFit(source: Source, target: Target): void {
  if (source.rawBytes === undefined || source.rawBytes <= target.sizeBytes) return
  throw new Fault('configuration/image', {
    expected: `${source.path} to fit on ${target.path} (${target.sizeBytes} bytes)`,
    seen: `an image of ${source.rawBytes} bytes; nothing was written`,
    next: 'take a larger medium, or another image',
  })
}

const PROGRESS_EVERY_MS = 100

function throttled(tell: (doneBytes: number) => void): (doneBytes: number) => void {
  let lastMs = Number.NEGATIVE_INFINITY
  return doneBytes => {
    const nowMs = performance.now()
    if (nowMs - lastMs < PROGRESS_EVERY_MS) return
    lastMs = nowMs
    tell(doneBytes)
  }
}
