import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { readableLines } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import type { TestResult } from '../model/event.ts'

// The package is CommonJS and exports the builder itself; its types claim a `default` beside it.
const builder = junit as unknown as Builder

/** What a test case is made of: a test, or the cell itself where no test of it ran. */
type Told = Pick<TestResult, 'verdict' | 'blame' | 'fault' | 'reason' | 'consoleLines' | 'known'> &
  Partial<Pick<TestResult, 'title' | 'durationMs'>> & { readonly blockedBy?: string }

/**
 * A run as JUnit XML: one suite for each feature and board, valid for Jenkins.
 *
 * `failure` is the product's fault, `error` anybody else's. `skipped`: it does not apply, a required feature failed, or it
 * is an open known issue, which must not turn a build red; its reason stands in `message` and in `system-out`.
 * Units: seconds with three decimals.
 */
export function junitReport(matrix: RunMatrix): string {
  return [...junitPieces(matrix)].join('')
}

/** The report as `junitReport` has it, a suite at a time: of a large run nobody needs all of it in memory. */
export function* junitPieces(matrix: RunMatrix): Generator<string> {
  const found = { none: 0, skipped: 0, failure: 0, error: 0 }
  for (const cell of matrix.cells) for (const told of toldOf(cell)) found[outcomeOf(told)]++
  const tests = found.none + found.skipped + found.failure + found.error
  const report = builder.newBuilder().name(clean(`hil ${matrix.run}`))
  const { before } = opened(report.build())
  const counts = `tests="${tests}" failures="${found.failure}" errors="${found.error}"`
  yield `${before.slice(0, before.lastIndexOf(' tests='))} ${counts}>\n`
  // One suite at a time: the package keeps a tree of all that it builds, and builds it in no proportion to its size.
  for (const cell of matrix.cells) yield opened(suiteOf(matrix, cell)).inside
  yield '</testsuites>\n'
}

/** A document of the package, up to the end of its first tag, and what that holds. */
function opened(xml: string): { before: string; inside: string } {
  const root = xml.indexOf('<testsuites')
  const end = xml.indexOf('>', xml.indexOf(' skipped="', root))
  return { before: xml.slice(0, end), inside: xml.slice(end + '>\n'.length, xml.lastIndexOf('</testsuites>')) }
}

function suiteOf(matrix: RunMatrix, cell: Cell): string {
  const report = builder.newBuilder()
  const className = clean(cell.feature)
  const suite = report
    .testSuite()
    .name(clean(`${cell.feature} on ${cell.board}`))
    .timestamp(secondOf(matrix.startedAt))
  for (const [name, value] of properties(matrix, cell)) suite.property(name, clean(value))
  for (const told of toldOf(cell)) {
    const { title = cell.feature, durationMs = 0 } = told
    tell(suite.testCase().name(clean(title)).className(className).time(seconds(durationMs)), told)
  }
  suite.time(seconds(cell.tests.reduce((sum, { durationMs }) => sum + durationMs, 0)))
  return report.build()
}

/** A verdict that no test carries came from outside the tests: it must be in the report all the same. */
function toldOf(cell: Cell): readonly Told[] {
  return cell.tests.some(({ verdict }) => verdict === cell.verdict) ? cell.tests : [...cell.tests, cell]
}

/** What a test case is, in the words of JUnit. */
function outcomeOf({ verdict, known, blockedBy, consoleLines }: Told): 'none' | 'skipped' | 'failure' | 'error' {
  if (verdict === 'pass' && !consoleLines?.length) return 'none'
  if (known !== undefined || verdict === 'skip' || (verdict === 'miss' && blockedBy)) return 'skipped'
  if (verdict === 'fail') return 'failure'
  return verdict === 'pass' ? 'none' : 'error'
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

function tell(testCase: TestCase, told: Told): void {
  const { verdict, blame, fault, known, consoleLines = [] } = told
  const outcome = outcomeOf(told)
  // Most tests pass, and have nothing to say.
  if (outcome === 'none' && consoleLines.length === 0) return
  const reason = told.reason && clean(told.reason)
  const type = fault?.code ?? blame ?? verdict
  const message = fault ? clean(`expected ${fault.expected}; saw ${fault.seen}`) : (reason ?? verdict)
  const body = cdata([message, ...(fault ? [`next: ${fault.next}`, ...fault.evidence] : [])].join('\n'))
  if (outcome === 'failure') testCase.failure(firstLine(message), type).stacktrace(body)
  if (outcome === 'error') testCase.error(firstLine(message), type, body)
  if (outcome === 'skipped') {
    const why = reason ?? 'no reason given'
    skip(testCase, known === undefined ? why : clean(`known issue ${known}: ${message}`))
    testCase.standardOutput(known === undefined ? cdata(why) : body)
  }
  if (consoleLines.length > 0) testCase.standardOutput(cdata(consoleLines.join('\n')))
}

/** Skipped, with a reason: the package writes none, and readers show it. */
function skip(testCase: TestCase, reason: string): void {
  const build = testCase.skipped().build.bind(testCase)
  testCase.build = parent => {
    const element = build(parent)
    element.children.find(child => (child as typeof element).name === 'skipped')?.att('message', reason)
    return element
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** Text for a CDATA section. The package splits only the first `]]>` of a text, and the second would end the section. */
function cdata(text: string): string {
  return clean(text).replaceAll(']]>', ']] >')
}

/** Text that XML may carry: no terminal sequences, no control characters, no halves of characters. */
function clean(text: string): string {
  if (!/[^\t\n\x20-\x7e]/.test(text)) return text
  return readableLines(text)
    .join('\n')
    .toWellFormed()
    .replaceAll(/[\ufffe\uffff\u0080-\u009f]/g, '')
}
