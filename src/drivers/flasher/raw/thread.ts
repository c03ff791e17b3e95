import { parentPort, workerData } from 'node:worker_threads'
import { asFault, type FaultRecord } from '../../../base/fault.ts'
import type { FlashProof } from '../../../model/event.ts'
import type { Image } from '../../../model/image.ts'
import { flashImage, type FlashProgress } from './job.ts'

/** What the thread is given. */
export interface ThreadJob {
  readonly image: Image
  readonly target: string
}

/** What the thread tells; anything it is told in return means: stop. */
export type ThreadMessage =
  | { readonly type: 'progress'; readonly report: FlashProgress }
  | { readonly type: 'done'; readonly proof: FlashProof }
  | { readonly type: 'failed'; readonly fault: FaultRecord }

const abort = new AbortController()
const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)
parentPort?.once('message', () => abort.abort())
const { image, target } = workerData as ThreadJob
try {
  tell({
    type: 'done',
    proof: await flashImage(image, target, report => tell({ type: 'progress', report }), abort.signal),
  })
} catch (error) {
  tell({ type: 'failed', fault: asFault(error).record() })
} finally {
  parentPort?.close()
}
