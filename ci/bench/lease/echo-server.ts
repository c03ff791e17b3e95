import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Lab } from '../lib/lab.ts'
import type { Locker, Place } from './locker.ts'

/** A process that knows nothing of boards, and has a write on the disk for each answer: what nobody's leases can be under. */
export class EchoServer implements AsyncDisposable {
  readonly #lab: Lab
  readonly place: Place & { readonly echo: string }

  private constructor(lab: Lab) {
    this.#lab = lab
    this.place = { echo: join(lab.folder, 'echo.sock') }
  }

  static async open(): Promise<EchoServer> {
    const server = new EchoServer(new Lab())
    const child = fork(join(import.meta.dirname, 'echo.ts'), [server.place.echo, join(server.#lab.folder, 'echo')])
    await once(child, 'message')
    child.disconnect()
    return server
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab[Symbol.asyncDispose]()
  }
}

/** Takes nothing and gives nothing back, and waits for an answer each time. */
export async function echoLocker(socketPath: string): Promise<Locker> {
  const socket = connect(socketPath)
  await once(socket, 'connect')
  const answer = async (): Promise<number> => {
    socket.write('x')
    const [number] = (await once(socket, 'data')) as [Buffer]
    return Number(number.toString())
  }
  return { take: answer, giveBack: answer, close: () => void socket.destroy() }
}
