import type { Evidence } from '../model/cell.ts'
import type { TimesOf } from '../run/budgets.ts'
import type { RunStore } from '../store/run-store.ts'

/** How long boots took in the runs of a folder, read at first need: what opens a database costs time to load. */
export class StageHistory implements Disposable {
  readonly #bench: string
  readonly #runsFolder: string
  #store: Promise<RunStore> | undefined
  #opened: RunStore | undefined

  constructor(runsFolder: string, bench: string) {
    this.#runsFolder = runsFolder
    this.#bench = bench
  }

  /** Errors: as of opening the history. */
  readonly timesOf: TimesOf = async of => (await this.#open()).stageTimes(this.#bench, of)

  /** What was found out about a feature. Errors: as of opening the history. */
  async evidence(feature: string): Promise<Evidence[]> {
    return (await this.#open()).evidence(feature)
  }

  #open(): Promise<RunStore> {
    const opening = import('../store/run-store.ts')
    this.#store ??= opening.then(({ RunStore }) => (this.#opened = new RunStore(this.#runsFolder)))
    return this.#store
  }

  [Symbol.dispose](): void {
    this.#opened?.[Symbol.dispose]()
  }
}
