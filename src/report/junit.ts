import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { readableLines } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import type { TestResult } from '../model/event.ts'

// The package is CommonJS and exports the builder itself; its types claim a `default` beside it.
const builder = junit as unknown as Builder

/** What a test case is made of: a test, or the cell itself where no test of it ran. */
type Told = Pick<TestResult, 'verdict' | 'blame' | 'fault' | 'reason' | 'consoleLines' | 'known'> & {
  readonly blockedBy?: string
}

/**
 * A run as JUnit XML: one suite for each feature and board, valid for Jenkins.
 *
 * `failure` is the product's fault, `error` anybody else's. `skipped`: it does not apply, a required feature failed, or it
 * is an open known issue, which must not turn a build red; its reason stands in `message` and in `system-out`.
 * Units: seconds with three decimals.
 */
export function junitReport(matrix: RunMatrix): string {
  const whole = { tests: 0, failures: 0, errors: 0 }
  let suites = ''
  // One suite at a time: the package keeps a tree of all that it builds, and builds it in no proportion to its size.
  for (const cell of matrix.cells) {
    const { before, inside } = opened(suiteOf(matrix, cell))
    const [tests = 0, failures = 0, errors = 0] = [...before.matchAll(/="(\d+)"/g)].map(([, count]) => Number(count))
    whole.tests += tests
    whole.failures += failures
    whole.errors += errors
    suites += inside
  }
  const { before } = opened(
    builder
      .newBuilder()
      .name(clean(`hil ${matrix.run}`))
      .build(),
  )
  const counts = `tests="${whole.tests}" failures="${whole.failures}" errors="${whole.errors}"`
  return `${before.slice(0, before.lastIndexOf(' tests='))} ${counts}>\n${suites}</testsuites>\n`
}

/** A document of the package, up to the end of its first tag, and what that holds. */
function opened(xml: string): { before: string; inside: string } {
  const root = xml.indexOf('<testsuites')
  const before = xml.slice(0, xml.indexOf('>', xml.indexOf(' skipped="', root)))
  return { before, inside: xml.slice(before.length + '>\n'.length, xml.lastIndexOf('</testsuites>')) }
}

function suiteOf(matrix: RunMatrix, cell: Cell): string {
  const report = builder.newBuilder()
  const className = clean(cell.feature)
  const suite = report
    .testSuite()
    .name(clean(`${cell.feature} on ${cell.board}`))
    .timestamp(secondOf(matrix.startedAt))
  for (const [name, value] of properties(matrix, cell)) suite.property(name, clean(value))
  for (const test of cell.tests)
    tell(suite.testCase().name(clean(test.title)).className(className).time(seconds(test.durationMs)), test)
  // A verdict no test of it carries came from outside the tests: it must be in the report all the same.
  if (!cell.tests.some(({ verdict }) => verdict === cell.verdict))
    tell(suite.testCase().name(className).className(className).time(0), cell)
  suite.time(seconds(cell.tests.reduce((sum, { durationMs }) => sum + durationMs, 0)))
  return report.build()
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
  const { verdict, blame, fault, blockedBy } = told
  const reason = told.reason && clean(told.reason)
  const type = fault?.code ?? blame ?? verdict
  const message = fault ? clean(`expected ${fault.expected}; saw ${fault.seen}`) : (reason ?? verdict)
  // Most tests pass, and have nothing to say.
  if (verdict === 'pass' && !told.consoleLines?.length) return
  const body = cdata([message, ...(fault ? [`next: ${fault.next}`, ...fault.evidence] : [])].join('\n'))
  if (told.known !== undefined) {
    skip(testCase, clean(`known issue ${told.known}: ${message}`))
    testCase.standardOutput(body)
  } else if (verdict === 'fail') testCase.failure(firstLine(message), type).stacktrace(body)
  else if (verdict === 'skip' || (verdict === 'miss' && blockedBy)) {
    skip(testCase, reason ?? 'no reason given')
    testCase.standardOutput(cdata(reason ?? 'no reason given'))
  } else if (verdict !== 'pass') testCase.error(firstLine(message), type, body)
  if (told.consoleLines?.length) testCase.standardOutput(cdata(told.consoleLines.join('\n')))
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
