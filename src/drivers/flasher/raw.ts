import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { FlashJob, Flasher } from '../../controls/flasher.ts'
import { wasInspected } from '../../image/inspected.ts'
import type { FlashProof } from '../../model/event.ts'
import type { FlashOrder } from './raw/job.ts'
import { isPromiseProven, rememberProof } from './raw/proven-promise.ts'
import { Ring, stopRing, THREAD_LIMITS } from './raw/ring.ts'
import type { ThreadMessage } from './raw/thread.ts'

const Options = z.strictObject({})
type Options = z.infer<typeof Options>

/**
 * Writes an image byte for byte onto a disk or a file, and reads back and compares all of it.
 *
 * Image and medium are checked before anything is written. Each flash has threads of its own: decoding is work for a
 * whole core, several boards are flashed at once, and a disk that hangs must not hang this process.
 */
export default defineDriver<Flasher, Options>({
  models: ['loop devices', 'regular files'],
  options: Options,
  open: async (_, { stateDir }) => ({ flash: job => flashInThread(job, stateDir) }),
})

async function flashInThread(job: FlashJob, stateDir: string): Promise<FlashProof> {
  const { image, target, mode, dryRun = false, signal, progress } = job
  signal.throwIfAborted()
  const mustHash = image.rawSha256 !== undefined && !isPromiseProven(stateDir, image)
  const { memory } = Ring.create(mustHash || image.bmapPath !== undefined)
  const inspected = await wasInspected(image)
  const order: FlashOrder = { image, target, mode, dryRun, memory, mustHash, inspected }
  const thread = new Worker(new URL('./raw/thread.ts', import.meta.url), {
    workerData: order,
    resourceLimits: THREAD_LIMITS,
  })
  const { promise, resolve, reject } = Promise.withResolvers<FlashProof>()
  thread.on('message', (message: ThreadMessage) => {
    if (message.type === 'progress') progress(message.report)
    else if (message.type === 'done') resolve(message.proof)
    else reject(signal.aborted ? signal.reason : Fault.from(message.fault))
  })
  thread.once('error', reject)
  thread.once('exit', code => reject(new Error(`the flash thread ended with exit code ${code}`)))
  const onAbort = (): void => {
    stopRing(memory, 'aborted')
    thread.postMessage('stop')
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const proof = await promise
    if (mustHash && !dryRun) rememberProof(stateDir, image)
    return proof
  } finally {
    signal.removeEventListener('abort', onAbort)
    // An aborted flash has let go of its medium only when its thread has ended.
    if (thread.threadId !== -1) await once(thread, 'exit')
  }
}
