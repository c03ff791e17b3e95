import type { Row } from './row.ts'

/** What a benchmark is run with. */
export interface BenchOptions {
  /** How often everything is repeated; figures are medians. */
  readonly runs: number
  /** Says what is being done now, to whoever waits. */
  readonly say: (text: string) => void
}

/** Some figures that are measured together, under a name they can be chosen by. */
export interface Part {
  readonly name: string
  measure(options: BenchOptions): Promise<readonly Row[]>
}

/** A benchmark: the default export of `ci/bench/<name>.ts`. */
export interface Bench {
  readonly title: string
  readonly parts: readonly Part[]
}
