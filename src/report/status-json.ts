import type { Evidence } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import type { Labels } from '../model/labels.ts'
import { MAIN_LINE, statusesOf, type StatusOptions, type TwinStatus } from '../model/status.ts'
import type { TypeStatus } from '../model/status-type.ts'

/**
 * The status page for programs: every row with its reason, and for each board type how old its evidence is.
 *
 * Deterministic like the page. Units: `asOf` is an ISO time, ages in whole days and in builds of the line.
 */
export function statusJson(
  features: readonly Feature[],
  evidence: readonly Evidence[],
  labels: Labels,
  asOf: string,
  options: StatusOptions = {},
): string {
  const statuses = statusesOf(features, evidence, labels, asOf, options)
  const rows = features.map((feature, index) => {
    const { status, why, proposed, perType, twins } = statuses[index]!
    return {
      ...{ feature: feature.id, title: feature.title, status, why, proposed },
      stale: perType.some(({ stale }) => stale),
      types: perType.map(typeFacts),
      twins: twins.map(twinFacts),
    }
  })
  return `${JSON.stringify({ line: options.line ?? MAIN_LINE, asOf, rows }, null, 2)}\n`
}

function typeFacts({ type, status, why, stale, age, issue, evidence }: TypeStatus): object {
  return {
    ...{ type, status, why, stale },
    ...(age && { age }),
    ...(issue && { issue }),
    ...(evidence && { evidence: source(evidence) }),
  }
}

function twinFacts({ type, status, evidence }: TwinStatus): object {
  return { type, status, ...(evidence && { evidence: source(evidence) }) }
}

/** Where a finding can be looked up, and by what it took its place in the line. */
function source({ run, board, at, imageSha256, commit, position }: Evidence): object {
  const orderedBy = position === undefined ? 'time' : 'position'
  return { ...{ run, board, at, imageSha256, commit }, ...(position !== undefined && { position }), orderedBy }
}
