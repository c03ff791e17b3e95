import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { diskFault } from '../base/disk.ts'
import type { Evidence, RunMatrix } from '../model/cell.ts'
import type { Feature } from '../model/feature.ts'
import { evidenceOf, mergeEvidence } from '../model/evidence.ts'
import type { Labels } from '../model/labels.ts'
import { runPage } from '../report/html.ts'
import { junitPieces } from '../report/junit.ts'
import { statusPage } from '../report/page.ts'

/** What reports are made of, beside the run itself. */
export interface ReportSources {
  readonly features: readonly Feature[]
  readonly labels: Labels
  /** Evidence of earlier runs: the page shows what is known, not only what this run found. */
  readonly evidence: readonly Evidence[]
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
    writeFileSync(
      files.status,
      statusPage(sources.features, evidence, sources.labels, newest(evidence, matrix.startedAt)),
    )
    writePieces(files.junit, junitPieces(matrix))
    const consoles = matrix.boards.map(({ board }) => [board, `${board}/console.log`] as const)
    const present = consoles.filter(([, path]) => existsSync(join(folder, path)))
    writeFileSync(
      files.html,
      runPage(matrix, sources.features, {
        log: 'run.jsonl',
        junit: 'junit.xml',
        status: 'status.md',
        consoles: Object.fromEntries(present),
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

/** Writes a file piece by piece, so that a large one is never whole in memory. */
export function writePieces(path: string, pieces: Iterable<string>): void {
  const fd = openSync(path, 'w')
  try {
    // Of a descriptor this goes on where the last piece ended, and never leaves half a piece unsaid.
    for (const piece of pieces) writeFileSync(fd, piece)
  } finally {
    closeSync(fd)
  }
}

/** The time of the newest evidence: the page's "as of" when nobody names another, so that it repeats byte for byte. */
export function newest(evidence: readonly Evidence[], otherwise: string): string {
  return evidence.reduce((latest, { at }) => (at > latest ? at : latest), evidence[0]?.at ?? otherwise)
}
