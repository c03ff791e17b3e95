import { Fault } from '../../base/fault.ts'
import { shortPath } from '../../base/paths.ts'
import { complain, readYaml } from '../../base/schema.ts'
import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { Labels } from '../../model/labels.ts'
import { placed, waiverComplaints, WaiverFile, type PlacedWaiver } from '../../model/waiver.ts'
import { releaseReport, type ReleaseReport } from '../../report/release/release.ts'
import { EVIDENCE, evidenceNamed, loadFeatures, loadKnownIssues, loadLabels, ROOT } from '../../run/catalog.ts'
import { folderNamed } from '../history.ts'
import { readLogs } from './logs.ts'

export interface ReleaseOptions {
  to: string
  from?: string
  evidence?: string
  runs?: string
  knownIssues?: string
  waivers?: string
  asOf?: string
}

/** The report that options ask for. Errors: `configuration/…` for every mistake in them and in the files they name. */
export function askedReport(options: ReleaseOptions, nowMs: number): ReleaseReport {
  const { to, from } = options
  const asOf = timeOf(options.asOf, nowMs)
  if (from === to) throw usage('two different releases for --from and --to', `'${to}' twice`)
  const features = loadFeatures()
  const labels = loadLabels()
  const evidencePath = options.evidence ?? EVIDENCE
  const evidence = evidenceNamed(options.evidence)
  const lines = [to, ...(from === undefined ? [] : [from])]
  for (const line of lines) checkLine(line, evidence, evidencePath, asOf)
  const issues = loadKnownIssues(options.knownIssues, features)
  const runs = options.runs === undefined ? `${ROOT}reports/runs` : folderNamed('--runs', options.runs)
  const logs = readLogs(runs, lines, evidence, features)
  const waivers = options.waivers === undefined ? undefined : loadWaivers(options.waivers, features, labels)
  const sources = { features, labels, evidence, issues, ...logs, ...(waivers && { waivers }) }
  return releaseReport(sources, { to, asOf, ...(from !== undefined && { from }) })
}

function timeOf(asOf: string | undefined, nowMs: number): string {
  const ms = asOf === undefined ? nowMs : Date.parse(asOf)
  if (Number.isNaN(ms)) throw usage('an ISO time for --as-of', asOf ?? '')
  return new Date(ms).toISOString()
}

/** A mistyped release must not become a report, or a gate, about nothing. */
function checkLine(line: string, evidence: readonly Evidence[], path: string, asOf: string): void {
  const seen = evidence.filter(({ at }) => Date.parse(at) <= Date.parse(asOf))
  if (seen.some(e => e.line === line)) return
  const lines = [...new Set(seen.flatMap(e => e.line ?? []))].sort()
  throw new Fault('configuration/no-evidence', {
    expected: `evidence in ${shortPath(path)} of images proven to come from ${line}`,
    seen: lines.length > 0 ? `only of ${lines.join(', ')}` : 'none that is proven to come from any line',
  })
}

/** The waivers of a file. Errors: `configuration/waivers` with every mistake at file:line. */
export function loadWaivers(path: string, features: readonly Feature[], labels: Labels): PlacedWaiver[] {
  const file = readYaml(path, WaiverFile, 'configuration/waivers')
  const complaints = waiverComplaints(file, features, labels)
  if (complaints.length > 0) throw complain('configuration/waivers', shortPath(path), complaints)
  return placed(file)
}

function usage(expected: string, seen: string): Fault {
  return new Fault('configuration/usage', { expected, seen, next: 'see hil release --help' })
}
