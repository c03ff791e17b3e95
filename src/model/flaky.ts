import type { Evidence } from './cell.ts'
import { byTime } from './line-order.ts'
import { rateOf, type Rate } from './rate.ts'

/** A feature whose verdict changed although the image was the same. */
export interface Flaky {
  readonly feature: string
  readonly type: string
  readonly twin: boolean
  /** `repeat`: one board said both. `boards`: each board stands by its word, and they disagree. */
  readonly how: 'repeat' | 'boards'
  /** Those that said both, or those that disagree. */
  readonly boards: readonly string[]
  /** The images it happened with, in the order of their first test. */
  readonly images: readonly string[]
  /** How often it failed with those images, on those boards. */
  readonly failRate: Rate
  /** When it was last tested with one of them, and in which run. */
  readonly lastAt: string
  readonly lastRun: string
}

/**
 * Verdicts that changed on one image. Worst first: by the lower bound of the fail rate, so that one fail of two tests
 * does not stand above forty of a hundred.
 */
export function flakyOf(evidence: readonly Evidence[]): Flaky[] {
  const found: Flaky[] = []
  const groups = Map.groupBy([...evidence].sort(byTime), ({ feature, type, twin }) => `${feature}\n${type}\n${twin}`)
  for (const lines of groups.values()) {
    const perBoard = Map.groupBy(lines, ({ board }) => board)
    for (const own of perBoard.values()) {
      const mixed = mixedImages(own)
      if (mixed.length > 0) found.push(flaky('repeat', mixed))
    }
    const disagreeing = mixedImages(lines).filter(image => everyBoardStands(image))
    if (disagreeing.length > 0) found.push(flaky('boards', disagreeing))
  }
  return found.sort((a, b) => b.failRate.low - a.failRate.low || compare(keyOf(a), keyOf(b)))
}

/** The lines of each image that passed and failed. */
function mixedImages(lines: readonly Evidence[]): Evidence[][] {
  return [...Map.groupBy(lines, ({ imageSha256 }) => imageSha256).values()].filter(isMixed)
}

function isMixed(lines: readonly Evidence[]): boolean {
  return new Set(lines.map(({ verdict }) => verdict)).size > 1
}

function everyBoardStands(lines: readonly Evidence[]): boolean {
  return ![...Map.groupBy(lines, ({ board }) => board).values()].some(isMixed)
}

function flaky(how: Flaky['how'], images: readonly (readonly Evidence[])[]): Flaky {
  const lines = images.flat().sort(byTime)
  const { feature, type, twin, at, run } = lines.at(-1)!
  return {
    feature,
    type,
    twin,
    how,
    boards: [...new Set(lines.map(({ board }) => board))].sort(),
    images: [...new Set(lines.map(({ imageSha256 }) => imageSha256))],
    failRate: rateOf(lines.filter(({ verdict }) => verdict === 'fail').length, lines.length),
    lastAt: at,
    lastRun: run,
  }
}

function keyOf({ feature, type, twin, boards }: Flaky): string {
  return [feature, type, twin, ...boards].join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
