import { createConnection, createServer } from 'node:net'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'

/** Where exclusive rights are kept: names that one at a time can have, whose holder can be asked who it is. */
export interface LockSpace {
  /** Takes a name and answers for it by `sign` until disposed, or its process ends; undefined: somebody has it. */
  bind(name: string, sign: { readonly holder: Holder }): Promise<AsyncDisposable | undefined>
  /** Undefined: nobody has it; null: somebody who does not answer, being stopped or too busy. */
  ask(name: string): Promise<Holder | null | undefined>
}

/** Who holds a board, or a part of it. */
export interface Claimant {
  readonly pid: number
  readonly user: string
  readonly command: string
  readonly sinceMs: number
}

/** Who holds a board, and where to find what they do with it. */
export interface Holder extends Claimant {
  /** The console recording that is being written, for those who want to watch. */
  readonly recordingPath?: string
  /** Where the holder's agent answers: for those who want to watch the console live. */
  readonly agentSocket?: string
  /** It only switches off what a killed holder left on, which takes seconds. */
  readonly isParking?: boolean
}

const ASK_LIMIT_MS = 1000
const POLL_MS = 250
const PARKING_LIMIT_MS = 20_000

/**
 * The exclusive right to one board on this host: a bound abstract unix socket, which the kernel drops with its process
 * however that ends. Whoever connects is told who holds it.
 */
export class BoardLock implements AsyncDisposable {
  readonly #bound: AsyncDisposable
  readonly #sign: { holder: Holder }
  private constructor(bound: AsyncDisposable, sign: { holder: Holder }) {
    this.#bound = bound
    this.#sign = sign
  }

  /** Errors: `lease/held` naming the holder, after `waitMs` of trying. `onWait` is told once whom it waits for. */
  static async take(
    bench: string,
    board: string,
    holder: Holder,
    options: {
      waitMs: number
      clock: Clock
      signal: AbortSignal
      onWait?: ((holder: Holder | undefined) => void) | undefined
      locks?: LockSpace
      /** What is expected of it, where it is not a board. */
      expected?: string
    },
  ): Promise<BoardLock> {
    const name = lockName(bench, board)
    const until = options.clock.ticksMs() + options.waitMs
    const sign = { holder }
    const { locks = kernelLocks, expected = `${board} to be free` } = options
    for (let tries = 0; ; tries++) {
      options.signal.throwIfAborted()
      const bound = await locks.bind(name, sign)
      if (bound) return new BoardLock(bound, sign)
      const other = await locks.ask(name)
      if (tries === 0) options.onWait?.(other ?? undefined)
      // Even who does not want to wait gets a board that is just being put away.
      const patience = other?.isParking === true ? PARKING_LIMIT_MS : 0
      if (options.clock.ticksMs() >= until + patience)
        throw new Fault('lease/held', {
          expected,
          seen: other ? `it is held by ${describeHolder(other)}` : 'it is held by another process',
        })
      await options.clock.sleep(POLL_MS, options.signal)
    }
  }

  /** Tells whoever asks from now on where this holder's agent answers. */
  announce(agentSocket: string): void {
    this.#sign.holder = { ...this.#sign.holder, agentSocket }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bound[Symbol.asyncDispose]()
  }
}

/** Who holds a board now; undefined when it is free, null for a process that does not answer. */
export async function holderOf(bench: string, board: string, locks = kernelLocks): Promise<Holder | null | undefined> {
  return locks.ask(lockName(bench, board))
}

/** This process as a holder. */
export function thisProcess(command: readonly string[], clock: Clock): Holder {
  return {
    pid: process.pid,
    user: process.env.USER ?? process.env.LOGNAME ?? `uid ${process.getuid?.() ?? '?'}`,
    command: ['hil', ...command].join(' '),
    sinceMs: clock.nowMs(),
  }
}

export function describeHolder(holder: Claimant): string {
  return `${holder.user} (pid ${holder.pid}: ${holder.command}) since ${new Date(holder.sinceMs).toISOString()}`
}

// The user is not part of the name: two users of a host share its boards.
function lockName(bench: string, board: string): string {
  return `\0hil/${process.env.HIL_LOCK_SPACE ?? ''}/${bench}/${board}`
}

async function bind(name: string, sign: { readonly holder: Holder }): Promise<AsyncDisposable | undefined> {
  const server = createServer(socket => {
    // Whoever asks and does not listen must not keep the board from being released.
    socket.setTimeout(ASK_LIMIT_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.end(JSON.stringify(sign.holder))
  })
  const { promise, resolve, reject } = Promise.withResolvers<AsyncDisposable | undefined>()
  server.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  )
  const close = async (): Promise<void> => void (await new Promise(closed => server.close(closed)))
  server.listen(name, () => resolve({ [Symbol.asyncDispose]: close }))
  server.unref()
  return promise
}

async function askHolder(name: string): Promise<Holder | null | undefined> {
  const { promise, resolve } = Promise.withResolvers<Holder | null | undefined>()
  let text = ''
  const socket = createConnection(name)
  socket.setTimeout(ASK_LIMIT_MS, () => socket.destroy())
  socket.on('data', chunk => (text += chunk.toString()))
  // One with too many who wait to be let in (EAGAIN) is there all the same.
  socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED' ? undefined : null))
  socket.on('close', () => {
    try {
      resolve(JSON.parse(text) as Holder)
    } catch {
      resolve(null)
    }
  })
  return promise
}

/** The kernel's: a bound abstract socket is dropped with its process, however that ends. */
const kernelLocks: LockSpace = { bind, ask: askHolder }
