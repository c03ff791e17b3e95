import { Worker } from 'node:worker_threads'
import { asFault } from '../../../base/fault.ts'
import type { FlashOrder } from './job.ts'
import { Ring, stopRing, THREAD_LIMITS } from './ring.ts'
import { watchStall } from './stall.ts'
import type { ThreadMessage } from './thread.ts'

/** What the process of a flash is told first. Anything it is told after that, or the end of who told it, means: stop. */
export interface ProcessOrder {
  readonly order: Omit<FlashOrder, 'memory'>
  /** So long nothing may move. */
  readonly stallMs: number
  /** So long threads that were stopped may take to end. */
  readonly graceMs: number
}

process.once('message', (start: ProcessOrder) => flash(start))

/** Runs the flash in a thread: this one stays free to hear that it is to stop, and to see that nothing moves. */
function flash({ order, stallMs, graceMs }: ProcessOrder): void {
  const { memory } = Ring.create(order.mustHash || order.image.bmapPath !== undefined)
  const workerData: FlashOrder = { ...order, memory }
  const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData, resourceLimits: THREAD_LIMITS })
  const tell = (message: ThreadMessage): void => {
    // Whoever is gone is told of by 'disconnect', a moment later; without a callback the failed word would end this process first.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
  }
  const fail = (error: unknown): void => tell({ type: 'failed', fault: asFault(error).record() })
  const stop = (): void => {
    stopRing(memory, 'aborted')
    thread.postMessage('stop')
  }
  const watch = watchStall(memory, stallMs, fault => {
    fail(fault)
    stop()
  })
  const orphaned = (): void => {
    stop()
    // With the lock of its board gone, nothing may be written any more.
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs)
  }
  process.once('message', stop).once('disconnect', orphaned)
  thread.on('message', tell).once('error', fail)
  thread.once('exit', () => {
    watch[Symbol.dispose]()
    process.off('disconnect', orphaned)
    if (process.connected) process.disconnect()
    else process.exit()
  })
}
