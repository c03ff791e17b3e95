import { createConnection, createServer, type Server } from 'node:net'
import { Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'

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
  readonly #server: Server
  readonly #sign: { holder: Holder }
  private constructor(server: Server, sign: { holder: Holder }) {
    this.#server = server
    this.#sign = sign
  }

  /** Errors: `lease/held` naming the holder, after `waitMs` of trying. `onWait` is told once whom it waits for. */
  static async take(
    bench: string,
    board: string,
    holder: Holder,
    options: { waitMs: number; clock: Clock; signal: AbortSignal; onWait?: (holder: Holder | undefined) => void },
  ): Promise<BoardLock> {
    const name = lockName(bench, board)
    const until = options.clock.ticksMs() + options.waitMs
    const sign = { holder }
    for (let tries = 0; ; tries++) {
      options.signal.throwIfAborted()
      const server = await bind(name, sign)
      if (server) return new BoardLock(server, sign)
      const other = await askHolder(name)
      if (tries === 0) options.onWait?.(other)
      // Even who does not want to wait gets a board that is just being put away.
      const patience = other?.isParking === true ? PARKING_LIMIT_MS : 0
      if (options.clock.ticksMs() >= until + patience)
        throw new Fault('lease/held', {
          expected: `${board} to be free`,
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
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Who holds a board now; undefined when it is free. */
export async function holderOf(bench: string, board: string): Promise<Holder | undefined> {
  return askHolder(lockName(bench, board))
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

async function bind(name: string, sign: { readonly holder: Holder }): Promise<Server | undefined> {
  const server = createServer(socket => {
    // Whoever asks and does not listen must not keep the board from being released.
    socket.setTimeout(ASK_LIMIT_MS, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.end(JSON.stringify(sign.holder))
  })
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>()
  server.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
  )
  server.listen(name, () => resolve(server))
  server.unref()
  return promise
}

async function askHolder(name: string): Promise<Holder | undefined> {
  const { promise, resolve } = Promise.withResolvers<Holder | undefined>()
  let text = ''
  const socket = createConnection(name)
  socket.setTimeout(ASK_LIMIT_MS, () => socket.destroy())
  socket.on('data', chunk => (text += chunk.toString()))
  socket.on('error', () => resolve(undefined))
  socket.on('close', () => {
    try {
      resolve(JSON.parse(text) as Holder)
    } catch {
      resolve(undefined)
    }
  })
  return promise
}
