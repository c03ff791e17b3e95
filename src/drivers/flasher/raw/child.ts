import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Fault } from '../../../base/fault.ts'
import type { FlashJob } from '../../../controls/flasher.ts'
import type { FlashProof } from '../../../model/event.ts'
import type { FlashOrder } from './job.ts'
import type { ProcessOrder } from './process.ts'
import { STALL_LIMIT_MS } from './stall.ts'
import type { ThreadMessage } from './thread.ts'

/** How long is waited for what no longer moves. */
export interface Patience {
  /** For a flash that moves nothing. */
  readonly stallMs: number
  /** For one that was stopped to let go of its medium. */
  readonly graceMs: number
}

const PATIENCE: Patience = { stallMs: STALL_LIMIT_MS, graceMs: 5000 }

/** A killed process ends at once, unless it hangs in the kernel. */
const KILL_MS = 500

/**
 * Flashes in a process of its own. A thread that hangs in a read or write of a disk cannot be ended by anybody, and
 * keeps the process it is part of from ending, killed or not: that must not be this one.
 *
 * Errors: those of the flash; the signal's reason, once the flash let go of its medium. A process that does not let go
 * in time is killed and left behind, which the fault, or `job.note`, says.
 */
export async function flashInChild(
  order: Omit<FlashOrder, 'memory'>,
  job: FlashJob,
  { stallMs, graceMs } = PATIENCE,
): Promise<FlashProof> {
  // A group of its own: an interrupt from the keyboard is this process's to pass on.
  const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), {
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const { promise, resolve, reject } = Promise.withResolvers<FlashProof>()
  child.on('message', (message: ThreadMessage) => {
    if (message.type === 'begins') job.begins?.()
    else if (message.type === 'progress') job.progress(message.report)
    else if (message.type === 'done') resolve(message.proof)
    else reject(Fault.from(message.fault))
  })
  const ended = endOf(child)
  void ended.then(said => reject(new Error(`the process of the flash ended without a word${said}`)))
  const onAbort = (): void => {
    if (child.connected) child.send('stop', () => undefined)
    reject(job.signal.reason as Error)
  }
  job.signal.addEventListener('abort', onAbort, { once: true })
  const start: ProcessOrder = { order, stallMs, graceMs }
  child.send(start, () => undefined)
  try {
    return await promise
  } catch (error) {
    if (await isWithin(graceMs, ended)) throw error
    child.kill('SIGKILL')
    if (await isWithin(KILL_MS, ended)) throw error
    leave(child)
    const held = `${order.target.path} may still be held: a read or write of it hangs; process ${child.pid}, killed already, ends when the disk answers or is unplugged`
    if (error !== job.signal.reason && error instanceof Fault)
      throw Fault.from({ ...error.record(), seen: `${error.seen}; ${held}` })
    job.note?.(held)
    throw error
  } finally {
    job.signal.removeEventListener('abort', onAbort)
  }
}

/** Resolves once a process has ended and all that it told was heard, to what it said besides. */
async function endOf(child: ChildProcess): Promise<string> {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const exited = Promise.withResolvers<string>()
  const unheard = Promise.withResolvers<void>()
  child.once('exit', (code, killedBy) => exited.resolve(`: ${code ?? killedBy}`))
  child.once('disconnect', unheard.resolve)
  child.once('error', error => {
    if (child.pid !== undefined) return
    exited.resolve(`: ${error.message}`)
    unheard.resolve()
  })
  const [how] = await Promise.all([exited.promise, unheard.promise])
  return `${how} ${said}`.trimEnd()
}

async function isWithin(limitMs: number, ended: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(late.resolve, limitMs, false)
  return Promise.race([ended.then(() => true), late.promise]).finally(() => clearTimeout(timer))
}

/** Keeps a process that cannot end from keeping this one. */
function leave(child: ChildProcess): void {
  child.stderr!.destroy()
  if (child.connected) child.disconnect()
  child.unref()
}
