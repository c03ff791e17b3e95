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
 * A run as JUnit XML: one suite for each feature and board.
 *
 * `failure` is the product's fault, `error` anybody else's. `skipped`: it does not apply, a required feature failed, or it
 * is an open known issue, which must not turn a build red;
 * JUnit has no place for the reason of a skip, so it stands in the property `reason` and in `system-out`.
 */
export function junitReport(matrix: RunMatrix): string {
  const report = builder.newBuilder().name(clean(`hil ${matrix.run}`))
  for (const cell of matrix.cells) {
    const suite = report
      .testSuite()
      .name(clean(`${cell.feature} on ${cell.board}`))
      .timestamp(matrix.startedAt)
    for (const [name, value] of properties(matrix, cell)) suite.property(name, clean(value))
    for (const test of cell.tests)
      tell(
        suite
          .testCase()
          .name(clean(test.title))
          .className(cell.feature)
          .time(test.durationMs / 1000),
        test,
      )
    // A verdict no test of it carries came from outside the tests: it must be in the report all the same.
    if (!cell.tests.some(({ verdict }) => verdict === cell.verdict))
      tell(suite.testCase().name(clean(cell.feature)).className(cell.feature).time(0), cell)
    suite.time(cell.tests.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000)
  }
  return report.build()
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
  const body = cdata([message, ...(fault ? [`next: ${fault.next}`, ...fault.evidence] : [])].join('\n'))
  if (told.known !== undefined) {
    testCase.skipped().property('reason', clean(`known issue ${told.known}: ${message}`))
    testCase.standardOutput(body)
  } else if (verdict === 'fail') testCase.failure(firstLine(message), type).stacktrace(body)
  else if (verdict === 'skip' || (verdict === 'miss' && blockedBy)) {
    testCase.skipped().property('reason', reason ?? 'no reason given')
    testCase.standardOutput(cdata(reason ?? 'no reason given'))
  } else if (verdict !== 'pass') testCase.error(firstLine(message), type, body)
  if (told.consoleLines?.length) testCase.standardOutput(cdata(told.consoleLines.join('\n')))
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
  return readableLines(text)
    .join('\n')
    .toWellFormed()
    .replaceAll(/[\ufffe\uffff\u0080-\u009f]/g, '')
}
