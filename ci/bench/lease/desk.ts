import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Lab, pause, ROOT } from '../lib/lab.ts'
import { BOARDS } from './load.ts'
import type { Place } from './locker.ts'

/** A `hil agent` with ten boards, as real as boards without cables are. */
export class Desk implements AsyncDisposable {
  readonly #lab = new Lab()
  readonly #socketPath = join(this.#lab.folder, 'agent.sock')
  #agent: ChildProcess | undefined

  static async open(): Promise<Desk> {
    const desk = new Desk()
    const board = { type: 'nuc', power: { driver: 'command', on: 'true', off: 'true' } }
    desk.#lab.wire(Object.fromEntries(BOARDS.map(name => [name, board])))
    const args = ['agent', '--bench', desk.#lab.benchFile, '--socket', desk.#socketPath]
    desk.#agent = spawn(`${ROOT}src/cli/hil`, args, { stdio: 'ignore' })
    for (let n = 0; !existsSync(desk.#socketPath); n++) {
      if (n > 500) throw new Error('the agent does not answer')
      await pause(20)
    }
    return desk
  }

  get place(): Place {
    return { agent: this.#socketPath, pid: this.#agent!.pid! }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent?.kill('SIGKILL')
    await this.#lab[Symbol.asyncDispose]()
  }
}
