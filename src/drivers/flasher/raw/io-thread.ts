import { parentPort, workerData } from 'node:worker_threads'
import { asFault, type FaultRecord } from '../../../base/fault.ts'
import { MediumIo, type OpenMedium, type Sample, type Way } from './medium-io.ts'
import { Ring, type RingMemory, Stopped, type Task } from './ring.ts'
import { stepBack } from './step-back.ts'

/** What a thread that writes is given. */
export interface IoOrder {
  readonly memory: RingMemory
  readonly medium: OpenMedium
  readonly way: Way
}

/** The one thing it says, at its end. */
export type IoResult =
  | {
      readonly type: 'done'
      readonly writtenBytes: number
      readonly readBackBytes: number
      readonly sampledBytes: number
      readonly keptBytes: number
      readonly samples: readonly Sample[]
    }
  | { readonly type: 'failed'; readonly offset: number; readonly fault: FaultRecord }
  | { readonly type: 'stopped' }

const { memory, medium, way } = workerData as IoOrder
const ring = new Ring(memory)
const io = new MediumIo(medium, way)
stepBack()
parentPort!.postMessage(work())

function work(): IoResult {
  let task: Task | undefined
  try {
    while ((task = ring.take())) {
      if (task.kind === 'zeros') io.zeros(task.offset, padded(task))
      else if (task.kind === 'data') io.data(task.offset, task.slot.subarray(0, padded(task)))
      ring.release(task)
    }
    const { writtenBytes, readBackBytes, sampledBytes, keptBytes, samples } = io
    return { type: 'done', writtenBytes, readBackBytes, sampledBytes, keptBytes, samples }
  } catch (error) {
    if (error instanceof Stopped) return { type: 'stopped' }
    ring.stop('medium')
    return { type: 'failed', offset: task?.offset ?? 0, fault: asFault(error).record() }
  }
}

/** Only the last piece of an image is not a whole number of sectors; what follows it is zeros. */
function padded({ length, slot }: Task): number {
  const whole = Math.ceil(length / medium.alignBytes) * medium.alignBytes
  if (whole > length && whole <= slot.length) slot.fill(0, length, whole)
  return whole
}
