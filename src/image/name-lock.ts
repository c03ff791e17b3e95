import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { abortable } from '../base/time.ts'

/**
 * The exclusive right to something with a name on this host, for as long as it is not disposed: a bound abstract unix
 * socket, which the kernel drops with its process.
 */
export class NameLock implements AsyncDisposable {
  readonly #server: Server
  readonly #waiting: Set<Socket>

  private constructor(server: Server, waiting: Set<Socket>) {
    this.#server = server
    this.#waiting = waiting
  }

  /** Waits until it is free. `onWait` is told once that it is not. */
  static async take(name: string, signal: AbortSignal, onWait?: () => void): Promise<NameLock> {
    for (let tries = 0; ; tries++) {
      signal.throwIfAborted()
      const lock = await NameLock.tryTake(name)
      if (lock) return lock
      if (tries === 0) onWait?.()
      await abortable(released(name), signal)
    }
  }

  /** Takes it if it is free. */
  static async tryTake(name: string): Promise<NameLock | undefined> {
    const waiting = new Set<Socket>()
    const server = createServer(socket => {
      waiting.add(socket)
      socket.on('error', () => undefined).on('close', () => waiting.delete(socket))
      socket.unref()
    })
    const { promise, resolve, reject } = Promise.withResolvers<NameLock | undefined>()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(`\0hil/${process.env.HIL_LOCK_SPACE ?? ''}/${name}`, () => resolve(new NameLock(server, waiting)))
    server.unref()
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#waiting) socket.destroy()
    await closed
  }
}

/** Resolves when its holder lets go or dies: its end of the connection closes then. */
async function released(name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const socket = createConnection(`\0hil/${process.env.HIL_LOCK_SPACE ?? ''}/${name}`)
  socket.on('error', () => undefined).on('close', () => resolve())
  return promise
}
