import type { Evidence } from '../../model/cell.ts'
import { byTime } from '../../model/line-order.ts'
import type { Image } from '../../model/image.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import { isOlderBuild } from './builds.ts'

/** An image of a release, and where it was tested. */
export interface ReleaseImage {
  readonly sha256: string
  readonly variant: string
  readonly commit: string | null
  /** From a run's log; absent when none that names it is at hand. */
  readonly name?: string
  readonly version?: string
  readonly types: readonly string[]
  readonly boards: readonly string[]
  readonly firstAt: string
  readonly lastAt: string
  /** Board types for which there is a newer build. */
  readonly superseded: readonly string[]
}

/** A board that tested a release, with the last that is known of it. */
export interface ReleaseBoard {
  readonly board: string
  readonly type: string
  readonly twin: boolean
  readonly firmware?: string
  readonly version?: string
  readonly bench?: string
  readonly images: readonly string[]
  readonly lastRun: string
  readonly lastAt: string
}

/** The images a line's evidence is about, newest first. */
export function releaseImages(line: readonly Evidence[], runs: readonly RunFacts[]): ReleaseImage[] {
  const known = new Map(runs.flatMap(imagesIn).map(image => [image.sha256, image]))
  const versions = new Map(
    runs.flatMap(({ boots }) =>
      boots.flatMap(({ image, version }) => (image && version ? [[image.sha256, version]] : [])),
    ),
  )
  const groups = Map.groupBy(line.toSorted(byTime), e => `${e.imageSha256} ${e.variant}`)
  return [...groups.values()].toReversed().map(group => {
    const { imageSha256: sha256, variant } = group[0]!
    const { name, version = versions.get(sha256) } = known.get(sha256) ?? {}
    const types = unique(group.map(({ type }) => type))
    return {
      sha256,
      variant,
      commit: group.findLast(({ commit }) => commit !== null)?.commit ?? null,
      ...(name !== undefined && { name }),
      ...(version !== undefined && { version }),
      types,
      boards: unique(group.map(({ board }) => board)),
      firstAt: group[0]!.at,
      lastAt: group.at(-1)!.at,
      superseded: types.filter(type => group.some(e => e.type === type && isOlderBuild(e, line))),
    }
  })
}

/** The boards a line was tested on, hardware first. */
export function releaseBoards(line: readonly Evidence[], runs: readonly RunFacts[]): ReleaseBoard[] {
  const groups = Map.groupBy(line.toSorted(byTime), ({ board, twin }) => `${Number(twin)} ${board}`)
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => {
      const { board, type, twin, run, at } = group.at(-1)!
      const own = new Set(group.map(e => e.run))
      const boots = runs
        .filter(facts => own.has(facts.run))
        .flatMap(({ bench, boots }) => boots.filter(boot => boot.board === board).map(boot => ({ ...boot, bench })))
        .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
      const firmware = boots.findLast(boot => boot.firmware !== undefined)?.firmware
      const version = boots.findLast(boot => boot.version !== undefined)?.version
      const bench = boots.at(-1)?.bench
      return {
        board,
        type,
        twin,
        ...(firmware !== undefined && { firmware }),
        ...(version !== undefined && { version }),
        ...(bench && { bench }),
        images: unique(group.map(({ imageSha256 }) => imageSha256).toReversed()),
        lastRun: run,
        lastAt: at,
      }
    })
}

function imagesIn({ boots, flashes }: RunFacts): Image[] {
  return [...flashes, ...boots].flatMap(({ image }) => image ?? [])
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
