import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { Fault } from '../../base/fault.ts'
import { defineDriver } from '../../controls/driver.ts'
import type { FlashJob, Flasher } from '../../controls/flasher.ts'
import type { FlashProof } from '../../model/event.ts'
import type { ThreadJob, ThreadMessage } from './raw/thread.ts'

const Options = z.strictObject({})
type Options = z.infer<typeof Options>

/**
 * Writes a raw or zst image byte for byte onto a block device or a file, and reads all of it back.
 *
 * The image is checked before the medium is touched: digest, size, and whether a zst file is whole. Each flash has a
 * thread of its own: digests are work for a whole core, and several boards are flashed at once.
 */
export default defineDriver<Flasher, Options>({
  models: ['loop devices', 'regular files'],
  options: Options,
  open: async () => ({ flash: flashInThread }),
})

async function flashInThread({ image, target, signal, progress }: FlashJob): Promise<FlashProof> {
  signal.throwIfAborted()
  const job: ThreadJob = { image, target }
  const thread = new Worker(new URL('./raw/thread.ts', import.meta.url), { workerData: job })
  const { promise, resolve, reject } = Promise.withResolvers<FlashProof>()
  thread.on('message', (message: ThreadMessage) => {
    if (message.type === 'progress') progress(message.report)
    else if (message.type === 'done') resolve(message.proof)
    else reject(signal.aborted ? signal.reason : Fault.from(message.fault))
  })
  thread.once('error', reject)
  thread.once('exit', code => reject(new Error(`the flash thread ended with exit code ${code}`)))
  const onAbort = (): void => thread.postMessage('stop')
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    // An aborted flash has let go of its medium only when its thread has ended.
    if (thread.threadId !== -1) await once(thread, 'exit')
  }
}
