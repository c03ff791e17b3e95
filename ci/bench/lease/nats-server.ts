import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { freePort, Lab, pause } from '../lib/lab.ts'
import type { Place } from './locker.ts'
import { NatsConnection } from './nats-connection.ts'
import { BUCKET } from './nats-lock.ts'

/** Why NATS cannot be measured here; undefined: it can. */
export const noNats =
  spawnSync('nats-server', ['--version']).status === 0
    ? undefined
    : 'nats-server is not installed: apt-get install nats-server'

/**
 * A `nats-server` of the distribution with one bucket on this disk, as it is set up: it answers before a write is on the disk, and
 * syncs every two minutes.
 */
export class NatsServer implements AsyncDisposable {
  readonly #lab = new Lab()
  readonly place: Place & { readonly nats: number }
  readonly #child: ChildProcess

  private constructor(port: number) {
    const args = ['-js', '-sd', this.#lab.folder, '-a', '127.0.0.1', '-p', String(port)]
    this.#child = spawn('nats-server', args, { stdio: 'ignore' })
    this.place = { nats: port, pid: this.#child.pid! }
  }

  static async open(): Promise<NatsServer> {
    const server = new NatsServer(await freePort())
    const stream = { name: `KV_${BUCKET}`, subjects: [`$KV.${BUCKET}.>`], storage: 'file', num_replicas: 1 }
    const bucket = {
      max_msgs_per_subject: 1,
      discard: 'new',
      allow_rollup_hdrs: true,
      deny_delete: true,
      allow_direct: true,
    }
    for (let n = 0; ; n++)
      try {
        const nats = await NatsConnection.open(server.place.nats)
        await nats.ask(`$JS.API.STREAM.CREATE.KV_${BUCKET}`, { ...stream, ...bucket })
        nats.close()
        return server
      } catch (error) {
        if (n > 100) throw error
        await pause(50)
      }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
    await this.#lab[Symbol.asyncDispose]()
  }
}
