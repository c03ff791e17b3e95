import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Lab } from '../lib/lab.ts'
import type { Locker, Place } from './locker.ts'

/** A process that knows nothing of boards, and keeps a line for each answer as an agent does: what nobody's leases can be under. */
export class EchoServer implements AsyncDisposable {
  readonly #lab: Lab
  readonly place: Place & { readonly echo: string }

  private constructor(lab: Lab, place: EchoServer['place']) {
    this.#lab = lab
    this.place = place
  }

  static async open(): Promise<EchoServer> {
    const lab = new Lab()
    const echo = join(lab.folder, 'echo.sock')
    const child = fork(join(import.meta.dirname, 'echo.ts'), [echo, join(lab.folder, 'echo')])
    const server = new EchoServer(lab, { echo, pid: child.pid! })
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
