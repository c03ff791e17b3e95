import { readableLines } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import type { TestResult } from '../model/event.ts'
import { countsOf, junitDocument, Suite, type Case, type Outcome } from './junit-xml.ts'

/** What a test case is made of: a test, or the cell itself where no test of it ran. */
type Told = Pick<TestResult, 'verdict' | 'blame' | 'fault' | 'reason'> &
  Partial<Pick<TestResult, 'title' | 'durationMs' | 'consoleLines'>> & { readonly blockedBy?: string }

/**
 * A run as JUnit XML: one suite for each feature and board, valid for Jenkins.
 *
 * `failure` is the product's fault, `error` anybody else's. `skipped`: it does not apply, or a required feature failed;
 * its reason stands in `message` and in `system-out`. Units: seconds with three decimals.
 */
export function junitReport(matrix: RunMatrix): string {
  return [...junitPieces(matrix)].join('')
}

/** The same, piece by piece. */
export function* junitPieces(matrix: RunMatrix): Generator<string> {
  const counts = countsOf(matrix.cells.flatMap(cell => casesOf(cell).map(outcomeOf)))
  yield* junitDocument(clean(`hil ${matrix.run}`), counts, suitesOf(matrix))
}

function* suitesOf(matrix: RunMatrix): Generator<Suite> {
  for (const cell of matrix.cells) {
    const suite = new Suite().name(clean(`${cell.feature} on ${cell.board}`)).timestamp(secondOf(matrix.startedAt))
    for (const [name, value] of properties(matrix, cell)) suite.property(name, clean(value))
    for (const told of casesOf(cell)) {
      const { title = cell.feature, durationMs = 0 } = told
      const testCase = suite.testCase().name(clean(title)).className(clean(cell.feature)).time(seconds(durationMs))
      tell(testCase, told)
    }
    yield suite.time(seconds(cell.tests.reduce((sum, { durationMs }) => sum + durationMs, 0)))
  }
}

/** Its tests. A verdict no test of it carries came from outside the tests: it must be in the report all the same. */
function casesOf(cell: Cell): readonly Told[] {
  return cell.tests.some(({ verdict }) => verdict === cell.verdict) ? cell.tests : [...cell.tests, cell]
}

function outcomeOf({ verdict, blockedBy }: Told): Outcome {
  if (verdict === 'pass') return 'pass'
  if (verdict === 'fail') return 'failure'
  return verdict === 'skip' || (verdict === 'miss' && blockedBy) ? 'skipped' : 'error'
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

/** `2026-09-01T08:00:00`, in UTC: JUnit knows neither fractions nor zones. */
function secondOf(at: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(at)?.[0] ?? '1970-01-01T00:00:00'
}

function properties({ run }: RunMatrix, cell: Cell): [string, string][] {
  return [
    ['image', cell.imageSha256 ?? ''],
    ['commit', cell.commit ?? ''],
    ['board', cell.board],
    ['type', cell.type],
    ['twin', String(cell.twin)],
    ['run', run],
    ['verdict', cell.verdict],
  ]
}

function tell(testCase: Case, told: Told): void {
  const { verdict, blame, fault } = told
  const outcome = outcomeOf(told)
  if (outcome === 'pass' && !told.consoleLines?.length) return
  const reason = told.reason && clean(told.reason)
  const type = fault?.code ?? blame ?? verdict
  const message = fault ? clean(`expected ${fault.expected}; saw ${fault.seen}`) : (reason ?? verdict)
  const body = clean([message, ...(fault ? [`next: ${fault.next}`, ...fault.evidence] : [])].join('\n'))
  if (outcome === 'failure') testCase.failure(firstLine(message), type, body)
  else if (outcome === 'skipped') {
    testCase.skipped(reason ?? 'no reason given')
    testCase.standardOutput(clean(reason ?? 'no reason given'))
  } else if (outcome === 'error') testCase.error(firstLine(message), type, body)
  if (told.consoleLines?.length) testCase.standardOutput(clean(told.consoleLines.join('\n')))
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** Most texts, which need no cleaning. */
const PLAIN = /^[ -~]*$/

/** Text that XML may carry: no terminal sequences, no control characters, no halves of characters. */
function clean(text: string): string {
  if (PLAIN.test(text)) return text
  return readableLines(text)
    .join('\n')
    .toWellFormed()
    .replaceAll(/[\ufffe\uffff\u0080-\u009f]/g, '')
}
