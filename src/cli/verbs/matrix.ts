import { writeFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { linesOfFile } from '../../base/lines.ts'
import { shortPath } from '../../base/paths.ts'
import { count } from '../../base/text.ts'
import { evidenceOf } from '../../model/evidence.ts'
import type { RunEvent } from '../../model/event.ts'
import { fold, parseEvents } from '../../model/fold.ts'
import { MAIN_LINE } from '../../model/status.ts'
import { statusPage } from '../../report/page.ts'
import { statusJson } from '../../report/status-json.ts'
import { runSummary } from '../../report/terminal.ts'
import {
  EVIDENCE,
  evidenceNamed,
  loadFeatures,
  loadKnownIssues,
  loadLabels,
  STATUS_JSON,
  STATUS_PAGE,
} from '../../run/catalog.ts'
import { addEvidence } from '../../run/evidence-file.ts'
import { newest } from '../../run/reports.ts'
import { interruptSignal } from '../interrupt.ts'
import { matrixPage } from './matrix-page.ts'

export interface MatrixOptions {
  from?: string
  evidence?: string
  asOf?: string
  line?: string
  knownIssues?: string
  page?: string
  check?: boolean
  write?: boolean
  json?: boolean
}

const NEVER = '1970-01-01T00:00:00.000Z'

/** `hil matrix`: a run's matrix from its log, or the status page from the evidence kept. The same input gives the same bytes. */
export async function matrix(options: MatrixOptions): Promise<void> {
  if (options.asOf !== undefined && Number.isNaN(Date.parse(options.asOf)))
    throw new Fault('configuration/usage', { expected: 'an ISO time for --as-of', seen: options.asOf })
  const features = loadFeatures()
  const status = { line: options.line ?? MAIN_LINE, issues: loadKnownIssues(options.knownIssues, features) }
  if (options.page !== undefined) {
    const { page, asOf, write = false, check = false } = options
    if (options.from !== undefined || options.json || (write && check))
      throw new Fault('configuration/usage', {
        expected: '--page with --evidence, --as-of, and one of --write and --check',
        seen: 'an option that does not go with it',
      })
    const evidence = evidenceNamed(options.evidence)
    matrixPage({ page, evidence, asOf, status, write, check, color: process.stdout.isTTY })
    return
  }
  if (options.check) throw new Fault('configuration/usage', { expected: '--check with --page', seen: 'no page' })
  if (options.write && status.line !== MAIN_LINE)
    throw new Fault('configuration/usage', {
      expected: `--write for line ${MAIN_LINE}, whose page is committed`,
      seen: `--line ${status.line}`,
      next: 'print the page of another line, and redirect it where you want it',
    })
  if (options.from !== undefined) {
    const folded = fold(readLog(options.from), features)
    if (!options.write) {
      process.stdout.write(
        options.json ? `${JSON.stringify(folded, null, 2)}\n` : `${runSummary(folded, { color: false, width: 100 })}\n`,
      )
      return
    }
    await addEvidence(options.evidence ?? EVIDENCE, evidenceOf(folded), interruptSignal)
  }
  const evidence = evidenceNamed(options.evidence)
  const asOf = options.asOf ?? newest(evidence, status.issues, NEVER)
  const sources = [features, evidence, loadLabels(), asOf, status] as const
  const page = statusPage(...sources)
  if (options.write) {
    writeFileSync(STATUS_PAGE, page)
    writeFileSync(STATUS_JSON, statusJson(...sources))
    process.stdout.write(`${shortPath(STATUS_PAGE)} written from ${count(evidence.length, 'line')} of evidence\n`)
  } else process.stdout.write(options.json ? statusJson(...sources) : page)
}

function readLog(path: string): RunEvent[] {
  try {
    return parseEvents(linesOfFile(path), path)
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('configuration/run-log', { expected: `a run log ${path}`, seen: (cause as Error).message, cause })
  }
}
