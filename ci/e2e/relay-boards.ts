import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BoardYaml, Lab } from './lab.ts'

/** Boards that are only a relay: a file that says whether it is on, and every switching of it in another. */
export class RelayBoards {
  readonly #lab: Lab
  readonly bench: string

  constructor(lab: Lab, names: readonly string[], change: BoardYaml = {}) {
    this.#lab = lab
    for (const name of names) writeFileSync(this.#path(name), 'off\n')
    this.bench = lab.bench(Object.fromEntries(names.map(name => [name, { ...this.#yaml(name), ...change }])))
  }

  power(name: string): string {
    return readFileSync(this.#path(name), 'utf8').trim()
  }

  /** What was done to a relay so far. */
  switchings(name: string): string[] {
    const path = `${this.#path(name)}.log`
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  #yaml(name: string): BoardYaml {
    const path = this.#path(name)
    const to = (state: string): string[] => ['sh', '-c', `echo ${state} > ${path}; echo ${state} >> ${path}.log`]
    return { type: 'nuc', power: { driver: 'command', on: to('on'), off: to('off'), status: ['cat', path] } }
  }

  #path(name: string): string {
    return join(this.#lab.folder, `relay-${name}`)
  }
}
