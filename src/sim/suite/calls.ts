import type { Session } from '../net/caller-over.ts'

/** An expectation that was not met: the product's fault, as `expect` has it. */
export class Unmet extends Error {}

export interface Said {
  readonly exitCode: number
  readonly stdout: string
}

interface Place {
  readonly by: 'ssh' | 'serial'
  readonly guest?: string
}

const LIMIT_MS = 30_000

/** What a simulated test may do to its board: the calls that fixtures make. */
export class TestCalls {
  readonly #api: Session['api']
  readonly #lease: { readonly board: string; readonly epoch: number }
  readonly #from: number

  constructor(api: Session['api'], lease: { board: string; epoch: number }, from: number) {
    this.#api = api
    this.#lease = lease
    this.#from = from
  }

  async run(place: Place, argv: string[]): Promise<Said> {
    const { exitCode, stdout } = await this.#api.run({ ...this.#lease, ...place, argv, limitMs: LIMIT_MS })
    return { exitCode, stdout: Buffer.from(stdout, 'base64').toString('latin1') }
  }

  /** `withinMs`: it may fail until then. */
  async mustSay(place: Place, argv: string[], expected: string, withinMs = 0): Promise<void> {
    for (let tries = 0; ; tries++) {
      const { exitCode, stdout } = await this.run(place, argv)
      if (exitCode === 0 && stdout === expected) return
      if (tries * 1000 >= withinMs)
        throw new Unmet(
          `expect(shell).toRun(${argv.join(' ')}): exit code ${exitCode}, ${JSON.stringify(stdout.slice(0, 80))}`,
        )
      await this.run(place, ['sleep', '1'])
    }
  }

  async mustPrint(pattern: RegExp, withinMs: number): Promise<void> {
    const { source, flags } = pattern
    await this.#api.consoleExpect({ ...this.#lease, source, flags, from: this.#from, limitMs: withinMs })
  }

  async letsIn(user: string, password: string): Promise<boolean> {
    return (await this.#api.trySsh({ ...this.#lease, user, password })).letIn
  }
}

export function must(condition: boolean, what: string): void {
  if (!condition) throw new Unmet(`expect(received).toBe(expected): ${what}`)
}
