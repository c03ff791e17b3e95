import { createHash, type Hash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { asFault, Fault, type FaultRecord } from '../../../base/fault.ts'
import type { Bmap } from '../../../image/bmap.ts'
import { Ring, type RingMemory, SLOT_BYTES, Stopped, type Task } from './ring.ts'
import { stepBack } from './step-back.ts'

/** What the thread is given that checks what is decoded against what image and block map promise. */
export interface CheckOrder {
  readonly memory: RingMemory
  readonly path: string
  readonly map: Bmap | undefined
  readonly rawSha256: string | undefined
}

/** The one thing it says, at its end. */
export type CheckResult =
  { readonly type: 'good' } | { readonly type: 'failed'; readonly fault: FaultRecord } | { readonly type: 'stopped' }

const ZEROS = Buffer.alloc(SLOT_BYTES)
const { memory, path, map, rawSha256 } = workerData as CheckOrder
const ring = new Ring(memory)
const whole = rawSha256 === undefined ? undefined : createHash('sha256')
let rangeIndex = 0
let rangeHash: Hash | undefined
stepBack()
parentPort!.postMessage(work())

function work(): CheckResult {
  try {
    for (let task = ring.next(); task; task = ring.next()) {
      if (task.kind === 'zeros')
        for (let at = 0; at < task.length; at += SLOT_BYTES) whole?.update(ZEROS.subarray(0, task.length - at))
      else checkData(task)
      ring.release(task)
    }
    checkWhole(whole?.digest('hex'))
    return { type: 'good' }
  } catch (error) {
    if (error instanceof Stopped) return { type: 'stopped' }
    ring.stop('content')
    return { type: 'failed', fault: asFault(error).record() }
  }
}

function checkData({ slot, offset, length }: Task): void {
  const bytes = slot.subarray(0, length)
  whole?.update(bytes)
  const range = map?.ranges[rangeIndex]
  if (!range) return
  if (range.checksum !== undefined) (rangeHash ??= createHash(map.checksumType)).update(bytes)
  const end = range.offset + range.sizeBytes
  if (offset + length < end) return
  const sum = rangeHash?.digest('hex')
  rangeHash = undefined
  rangeIndex += 1
  if (sum !== range.checksum)
    throw broken(`bytes ${range.offset} to ${end} of it to have the checksum ${range.checksum} of its block map`, sum!)
}

function checkWhole(sha256: string | undefined): void {
  if (sha256 !== rawSha256) throw broken(`it to decode to what its sidecar promises, SHA-256 ${rawSha256}`, sha256!)
}

/** A packed file need not carry a checksum: bits flipped inside it decode to something else without a word. */
function broken(expected: string, seen: string): Fault {
  return new Fault('configuration/image', {
    expected: `${path}: ${expected}`,
    seen,
    next: 'the medium does not boot now: build or fetch the image, and what lies beside it, again and flash that',
  })
}
