import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Lab, pause, ROOT } from '../lib/lab.ts'
import type { Pairs } from './client.ts'

const BOARDS = Array.from({ length: 10 }, (_, n) => `board-${n}`)

/** What a load of clients saw. */
export interface Seen extends Pairs {
  readonly seconds: number
}

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

  /** `clients` connections from `processes` processes, all at once, for a time. */
  async load(clients: number, processes: number, forMs: number, thinkMs: number): Promise<Seen> {
    const share = Math.ceil(clients / processes)
    const children = Array.from({ length: Math.ceil(clients / share) }, (_, n) =>
      fork(
        join(import.meta.dirname, 'client.ts'),
        [this.#socketPath, n * share, share, BOARDS.join(), forMs, thinkMs].map(String),
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
      ),
    )
    await Promise.all(children.map(child => once(child, 'message')))
    const answers = children.map(child => once(child, 'message') as Promise<[Pairs]>)
    const startMs = performance.now()
    for (const child of children) child.send('go')
    const pairs = (await Promise.all(answers)).map(([pairs]) => pairs)
    const seconds = (performance.now() - startMs) / 1000
    return { waitsMs: pairs.flatMap(({ waitsMs }) => waitsMs), had: pairs.flatMap(({ had }) => had), seconds }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent?.kill('SIGKILL')
    await this.#lab[Symbol.asyncDispose]()
  }
}

/** How often two had one board at one time, or one number was given twice: must be never. */
export function doubleOwners({ had }: Pairs): number {
  const byBoard = Map.groupBy(had, ([board]) => board)
  let double = 0
  for (const leases of byBoard.values()) {
    leases.sort((a, b) => a[2] - b[2])
    for (let n = 1; n < leases.length; n++)
      if (leases[n]![2] < leases[n - 1]![3] || leases[n]![1] <= leases[n - 1]![1]) double++
  }
  return double
}
