import { count } from '../../base/text.ts'
import type { Evidence } from '../../model/cell.ts'
import type { ReleaseBoard } from './images.ts'
import type { ReleaseQuestion, ReleaseSources } from './release.ts'

const NAMED = 5

/** Why a report may be wrong about what holds; one sentence each. */
export function doubtsOf({ evidence, untold }: ReleaseSources, { to, from }: ReleaseQuestion): string[] {
  const twinsOnly = ofLine(evidence, to).every(({ twin }) => twin)
  return [
    ...(twinsOnly ? [`No hardware was tested: all evidence of ${to} is from virtual boards, which prove no row.`] : []),
    ...untoldSentence(untold.filter(({ line }) => line === to || (from !== undefined && line === from))),
  ]
}

/** What a report cannot say, because nothing at hand says it; one sentence each. */
export function whatIsMissing(
  { evidence, runs }: ReleaseSources,
  { to, from }: ReleaseQuestion,
  boards: readonly ReleaseBoard[],
): string[] {
  const lines = [to, ...(from === undefined ? [] : [from])]
  const logs = new Set(runs.map(({ run }) => run))
  const firmware = boards.filter(board => board.firmware === undefined).map(({ board }) => board)
  const commitless = new Set(ofLine(evidence, to).flatMap(e => (e.commit === null ? [e.imageSha256.slice(0, 12)] : [])))
  return [
    ...lines.flatMap(line => withoutLog(ofLine(evidence, line), line, logs)),
    ...(firmware.length > 0 ? [`No firmware version was recorded for ${some(firmware)}.`] : []),
    ...(commitless.size > 0 ? [`No commit is known of ${some([...commitless])}.`] : []),
  ]
}

function withoutLog(own: readonly Evidence[], line: string, logs: ReadonlySet<string>): string[] {
  const named = [...new Set(own.map(({ run }) => run))].sort()
  const gone = named.filter(run => !logs.has(run))
  if (gone.length === 0) return []
  const those = gone.length === named.length ? 'any of ' : `${gone.length} of `
  const text = `No log is at hand of ${those}the ${count(named.length, 'run')} of ${line}`
  return [`${text}, so their boot and flash times, image names and versions are not told: ${some(gone)}.`]
}

function untoldSentence(untold: readonly Evidence[]): string[] {
  const runs = [...new Set(untold.map(({ run }) => run))].sort()
  if (runs.length === 0) return []
  const found = count(untold.length, 'result')
  return [`${found} of ${some(runs)} did not count: not in the evidence, see hil matrix --from <run.jsonl> --write.`]
}

function ofLine(evidence: readonly Evidence[], line: string): Evidence[] {
  return evidence.filter(e => e.line === line)
}

/** `a, b and 3 more`. */
function some(names: readonly string[]): string {
  if (names.length <= NAMED) return names.join(', ')
  return `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
}
