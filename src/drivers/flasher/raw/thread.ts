import { parentPort, workerData } from 'node:worker_threads'
import { asFault, type FaultRecord } from '../../../base/fault.ts'
import type { FlashProgress } from '../../../controls/flasher.ts'
import type { FlashProof } from '../../../model/event.ts'
import { flashImage, type FlashOrder } from './job.ts'

/** What the thread tells; anything it is told in return means: stop. */
export type ThreadMessage =
  | { readonly type: 'begins' }
  | { readonly type: 'progress'; readonly report: FlashProgress }
  | { readonly type: 'done'; readonly proof: FlashProof }
  | { readonly type: 'failed'; readonly fault: FaultRecord }

const abort = new AbortController()
const tell = (message: ThreadMessage): void => parentPort?.postMessage(message)
parentPort?.once('message', () => abort.abort())
try {
  const progress = (report: FlashProgress): void => tell({ type: 'progress', report })
  const begins = (): void => tell({ type: 'begins' })
  const proof = await flashImage(workerData as FlashOrder, progress, abort.signal, begins)
  tell({ type: 'done', proof })
} catch (error) {
  tell({ type: 'failed', fault: asFault(error).record() })
} finally {
  parentPort?.close()
}
