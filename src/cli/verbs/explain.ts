import { Fault } from '../../base/fault.ts'
import { linesOfFile } from '../../base/lines.ts'
import { systemClock } from '../../base/time.ts'
import type { Evidence, RunMatrix } from '../../model/cell.ts'
import { byTime } from '../../model/line-order.ts'
import { fold, parseEvents } from '../../model/fold.ts'
import { statusOf, type RowStatus } from '../../model/status.ts'
import { evidenceNamed, loadKnownIssues, loadLabels } from '../../run/catalog.ts'
import { proofOf, type Explained } from '../explain/explanation.ts'
import { explainedText } from '../explain/text.ts'
import { featureNamed, openHistory } from '../history.ts'

export interface ExplainOptions {
  readonly device?: string
  readonly asOf?: string
  readonly evidence?: string
  readonly reportDir?: string
  readonly json?: boolean
}

const MAX_BEFORE = 5

/** `hil explain`: why each cell of a row is what it is. By the committed evidence, as the page; runs here are told beside it. */
export async function explain(id: string, options: ExplainOptions): Promise<void> {
  const asOfMs = options.asOf === undefined ? systemClock.nowMs() : Date.parse(options.asOf)
  if (Number.isNaN(asOfMs))
    throw new Fault('configuration/usage', { expected: 'an ISO time for --as-of', seen: options.asOf ?? '' })
  using history = openHistory(options.reportDir)
  const feature = featureNamed(id, history.features)
  const issues = loadKnownIssues(undefined, history.features)
  const committed = evidenceNamed(options.evidence).filter(line => line.feature === feature.id)
  const found = history.store.evidence(feature.id)
  const row = statusOf(feature, committed, loadLabels(), new Date(asOfMs).toISOString(), { issues })
  const place = {
    asOfMs,
    runsFolder: history.runsFolder,
    readRun: (path: string): RunMatrix | null => readRun(path, history.features),
  }
  const cells = [
    ...row.perType.map(cell => ({ ...cell, twin: false })),
    ...otherTypes(row, [...committed, ...found]).map(type => notReference(type, committed, asOfMs)),
    ...row.twins.map(cell => ({ ...cell, twin: true, ...TWIN_WORDS[cell.status] })),
  ].map(({ type, twin, status, why, evidence }): Explained => {
    const own = (line: Evidence): boolean => line.type === type && line.twin === twin
    const older = committed.filter(line => own(line) && line !== evidence && Date.parse(line.at) <= asOfMs)
    const known = new Set(committed.map(keyOf))
    const later = (line: Evidence): boolean => !known.has(keyOf(line)) && (!evidence || byTime(line, evidence) > 0)
    const since = found
      .filter(line => own(line) && later(line))
      .sort(byTime)
      .toReversed()
      .slice(0, MAX_BEFORE)
    return {
      type,
      twin,
      status,
      why,
      decidedBy: evidence ? proofOf(evidence, place) : null,
      before: older.sort(byTime).toReversed().slice(0, MAX_BEFORE),
      since,
      newest: since[0] ? proofOf(since[0], place) : null,
    }
  })
  const wanted = cells.filter(cell => concerns(cell, options.device))
  if (wanted.length === 0)
    throw new Fault('configuration/unknown-board', {
      expected: `a board type that ${feature.id} is about, or a board that tested it`,
      seen: `'${options.device}'`,
      evidence: cells.map(({ type, twin }) => `${type}${twin ? ' (twin)' : ''}`),
    })
  if (options.json) {
    const { status, why } = row
    process.stdout.write(`${JSON.stringify({ feature: feature.id, status, why, cells: wanted }, null, 2)}\n`)
    return
  }
  const head = `${row.status} ${feature.title} (${feature.id}): ${row.why}\n`
  process.stdout.write([head, ...wanted.map(explainedText)].join('\n'))
}

const TWIN_WORDS = {
  pass: { status: '✅', why: 'the last test on a twin passed; it never moves the row' },
  fail: { status: '❌', why: 'the last test on a twin failed; it never moves the row' },
  never: { status: '—', why: 'never tested on a twin' },
} as const

/** Board types that tested the row although it is not about them. */
function otherTypes({ perType }: RowStatus, evidence: readonly Evidence[]): string[] {
  const types = new Set(evidence.filter(({ twin }) => !twin).map(({ type }) => type))
  return [...types].filter(type => !perType.some(cell => cell.type === type)).sort()
}

function notReference(
  type: string,
  evidence: readonly Evidence[],
  asOfMs: number,
): Pick<Explained, 'type' | 'twin' | 'status' | 'why'> & { evidence?: Evidence } {
  const own = evidence.filter(line => line.type === type && !line.twin && Date.parse(line.at) <= asOfMs)
  const last = own.sort(byTime).at(-1)
  const why = `no reference device of this row, so it never moves it${last ? '' : '; tested, but not in the evidence'}`
  return { type, twin: false, status: '·', why, ...(last && { evidence: last }) }
}

function keyOf({ run, board, feature }: Evidence): string {
  return [run, board, feature].join('\n')
}

/** Whether a cell is of the board type named, or rests on the board named. */
function concerns({ type, decidedBy, before, since }: Explained, device: string | undefined): boolean {
  if (device === undefined || device === type) return true
  return [...(decidedBy ? [decidedBy.evidence] : []), ...before, ...since].some(({ board }) => board === device)
}

/** A log that cannot be read any more explains nothing; the evidence still does. */
function readRun(path: string, features: Parameters<typeof fold>[1]): RunMatrix | null {
  try {
    return fold(parseEvents(linesOfFile(path), path), features)
  } catch {
    return null
  }
}
