import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** A cable to one port of this host whose connections can be left half open: nobody is told, and nothing passes any more. */
export class StallingProxy implements Disposable {
  readonly port: number
  readonly #server: ReturnType<typeof createServer>
  readonly #pairs: Set<readonly [Socket, Socket]>

  private constructor(server: ReturnType<typeof createServer>, pairs: Set<readonly [Socket, Socket]>) {
    this.#server = server
    this.#pairs = pairs
    this.port = (server.address() as AddressInfo).port
  }

  static async to(port: number): Promise<StallingProxy> {
    const pairs = new Set<readonly [Socket, Socket]>()
    const server = createServer(near => {
      const far = connect(port, '127.0.0.1')
      const pair = [near, far] as const
      pairs.add(pair)
      near.pipe(far).pipe(near)
      for (const end of pair)
        end
          .on('error', () => undefined)
          .once('close', () => {
            pairs.delete(pair)
            near.destroy()
            far.destroy()
          })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new StallingProxy(server, pairs)
  }

  /** What is connected now stalls; who connects anew gets through. */
  stall(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far)
      far.unpipe(near)
      near.pause()
      far.pause()
    }
  }

  [Symbol.dispose](): void {
    this.#server.close()
    for (const pair of this.#pairs) for (const end of pair) end.destroy()
  }
}
