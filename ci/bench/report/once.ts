import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { linesOfFile } from '../../../src/base/lines.ts'
import { writePieces } from '../../../src/base/pieces.ts'
import { fold, parseEvents } from '../../../src/model/fold.ts'
import { statusesOf } from '../../../src/model/status.ts'
import { pagePieces } from '../../../src/report/html.ts'
import { junitPieces } from '../../../src/report/junit.ts'
import { statusPage } from '../../../src/report/page.ts'
import { runSummary } from '../../../src/report/terminal.ts'
import { loadEvidence, loadFeatures, loadLabels } from '../../../src/run/catalog.ts'
import { newest } from '../../../src/run/reports.ts'

// One making of reports in a process of its own: what it took, and the most memory it had.
const [what, evidencePath, logPath, folder] = process.argv.slice(2) as [string, string, string, string]
const features = loadFeatures()
const labels = loadLabels()
const stepsMs: Record<string, number> = {}
mkdirSync(folder, { recursive: true })

if (what === 'reports') {
  step('page', () => {
    const evidence = loadEvidence(evidencePath)
    save('status.md', statusPage(features, evidence, labels, newest(evidence, [], '')))
  })
}
if (what === 'reports' || what === 'run') {
  const matrix = step('read log and fold', () => fold(parseEvents(linesOfFile(logPath), logPath), features))
  if (what === 'reports') {
    step('JUnit', () => save('junit.xml', junitPieces(matrix)))
    step('HTML', () => save('report.html', pagePieces(matrix, features)))
  } else step('matrix', () => save('matrix.txt', runSummary(matrix, { color: false, width: 100 })))
}
if (what === 'statuses') {
  const evidence = step('read evidence', () => loadEvidence(evidencePath))
  const at = newest(evidence, [], '')
  step('matrix', () => save('statuses.json', JSON.stringify(statusesOf(features, evidence, labels, at))))
}
if (what === 'floor')
  for (const path of [evidencePath, logPath])
    step(`parse ${path.slice(folder.length + 1)}`, () =>
      linesOfFile(path).forEach(line => line !== '' && JSON.parse(line)),
    )
process.stdout.write(JSON.stringify({ stepsMs, peakBytes: process.resourceUsage().maxRSS * 1024 }))

function step<T>(name: string, work: () => T): T {
  const beganMs = performance.now()
  const result = work()
  stepsMs[name] = performance.now() - beganMs
  return result
}

/** As the product writes it. */
function save(name: string, text: string | Iterable<string>): void {
  writePieces(join(folder, name), typeof text === 'string' ? [text] : text)
}
