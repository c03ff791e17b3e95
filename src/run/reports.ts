import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskFault } from '../base/disk.ts'
import { writePieces } from '../base/pieces.ts'
import type { Evidence, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { evidenceOf, mergeEvidence } from '../model/evidence.ts'
import { compareTime } from '../model/line-order.ts'
import type { KnownIssue } from '../model/known-issue.ts'
import type { Labels } from '../model/labels.ts'
import { pagePieces } from '../report/html.ts'
import { junitPieces } from '../report/junit.ts'
import { statusPage } from '../report/page.ts'
import { statusJson } from '../report/status-json.ts'
import { RunFolder } from './run-files.ts'

/** What reports are made of, beside the run itself. */
export interface ReportSources {
  readonly features: readonly Feature[]
  readonly labels: Labels
  /** Evidence of earlier runs: the page shows what is known, not only what this run found. */
  readonly evidence: readonly Evidence[]
  readonly issues: readonly KnownIssue[]
}

/** Writes a run's reports into its folder and says where they are. Errors: `infrastructure/disk-full`. */
export function writeReports(matrix: RunMatrix, folder: string, sources: ReportSources): Record<string, string> {
  const evidence = mergeEvidence(sources.evidence, evidenceOf(matrix))
  const files = {
    status: join(folder, 'status.md'),
    junit: join(folder, 'junit.xml'),
    html: join(folder, 'report.html'),
  }
  try {
    const { features, labels, issues } = sources
    const asOf = newest(evidence, issues, matrix.startedAt)
    writeFileSync(files.status, statusPage(features, evidence, labels, asOf, { issues }))
    writeFileSync(join(folder, 'status.json'), statusJson(features, evidence, labels, asOf, { issues }))
    writePieces(files.junit, junitPieces(matrix))
    const consoles = matrix.boards.map(({ board }) => [board, `${board}/console.log`] as const)
    const present = consoles.filter(([, path]) => existsSync(join(folder, path)))
    writePieces(
      files.html,
      pagePieces(matrix, sources.features, {
        log: 'run.jsonl',
        junit: 'junit.xml',
        status: 'status.md',
        consoles: Object.fromEntries(present),
        files: new RunFolder(folder),
      }),
    )
  } catch (cause) {
    throw diskFault(cause)
  }
  return {
    log: join(folder, 'run.jsonl'),
    ...Object.fromEntries(matrix.boards.map(({ board }) => [`console ${board}`, join(folder, board, 'console.log')])),
    ...files,
  }
}

/**
 * The time of the newest evidence, or of the newest known issue: the page's "as of" when nobody names another, so that it
 * repeats byte for byte.
 */
export function newest(evidence: readonly Evidence[], issues: readonly KnownIssue[], otherwise: string): string {
  const times = [...evidence.map(({ at }) => at), ...issues.map(({ opened }) => `${opened}T00:00:00.000Z`)]
  return times.reduce((latest, at) => (compareTime(at, latest) > 0 ? at : latest), times[0] ?? otherwise)
}
