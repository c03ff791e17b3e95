import type { Holder, LockSpace } from '../../bench/lock.ts'
import type { Sabotage } from '../sabotage.ts'
import type { SimProcess } from './process.ts'

/** The simulated kernel's names: what a process has is free as soon as it is killed. */
export class SimLocks {
  readonly #held = new Map<string, { readonly process: SimProcess; readonly sign: { readonly holder: Holder } }>()

  readonly #sabotage: Sabotage

  constructor(sabotage: Sabotage = {}) {
    this.#sabotage = sabotage
  }

  /** The names as one process takes them. */
  for(process: SimProcess): LockSpace {
    return {
      bind: async (name, sign) => {
        if (this.#held.has(name) && !this.#sabotage.sharesLocks) return undefined
        const mine = { process, sign }
        this.#held.set(name, mine)
        return {
          [Symbol.asyncDispose]: async () => {
            if (this.#held.get(name) === mine) this.#held.delete(name)
          },
        }
      },
      ask: async name => this.#held.get(name)?.sign.holder,
    }
  }

  /** The process that has a board; undefined: it is free. */
  holderOf(board: string): SimProcess | undefined {
    for (const [name, { process }] of this.#held) if (name.endsWith(`/${board}`)) return process
    return undefined
  }

  /** All that a process has. */
  heldBy(process: SimProcess): string[] {
    return [...this.#held].flatMap(([name, held]) => (held.process === process ? [name] : []))
  }

  drop(process: SimProcess): void {
    for (const [name, held] of this.#held) if (held.process === process) this.#held.delete(name)
  }

  /** Whoever still has something. */
  get names(): string[] {
    return [...this.#held.keys()]
  }
}
