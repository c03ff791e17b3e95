import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as fc from 'fast-check'
import junit, { type Builder } from 'junit-report-builder'
import { countsOf, junitDocument, Suite, type Outcome } from './junit-xml.ts'

// The package is CommonJS and exports the builder itself; its types claim a `default` beside it.
const builder = junit as unknown as Builder

interface Told {
  readonly title: string
  readonly seconds: number
  readonly outcome: Outcome
  readonly message: string
  readonly body: string
  readonly output: string
  readonly property: string
}

/** No `]]>`: the package splits only the first of a text. */
const text = fc
  .array(fc.constantFrom('a', ' ', '&', '<', '>', '"', "'", '\n', '\t', 'ä', '✅', ']]'), { maxLength: 6 })
  .map(letters => letters.join(''))
  .filter(said => !said.includes(']]>'))

const told: fc.Arbitrary<Told> = fc.record({
  title: text,
  seconds: fc.integer({ min: 0, max: 99_999 }).map(ms => ms / 1000),
  outcome: fc.constantFrom<Outcome>('pass', 'failure', 'error', 'skipped'),
  message: text,
  body: text,
  output: text,
  property: text,
})

it('writes byte for byte what junit-report-builder does, but for what Jenkins does not take', () => {
  fc.assert(
    fc.property(text, fc.array(fc.array(told, { maxLength: 3 }), { maxLength: 3 }), (name, suites) => {
      const outcomes = suites.flat().map(({ outcome }) => outcome)
      const ours = [...junitDocument(name, countsOf(outcomes), suites.map(ourSuite))].join('')
      assert.equal(ours, theirs(name, suites))
    }),
    { numRuns: 300 },
  )
})

function ourSuite(cases: readonly Told[]): Suite {
  const suite = new Suite().name('suite').timestamp('2026-09-01').property('p', 'q')
  for (const { title, seconds, outcome, message, body, output, property } of cases) {
    const testCase = suite.testCase().name(title).className('c').time(seconds)
    if (property !== '') testCase.property('p', property)
    if (outcome === 'failure') testCase.failure(message, 'type', body)
    if (outcome === 'error') testCase.error(message, '', body)
    if (outcome === 'skipped') testCase.skipped('')
    if (output !== '') testCase.standardOutput(output)
  }
  return suite.time(1.5)
}

function theirs(name: string, suites: readonly (readonly Told[])[]): string {
  const report = builder.newBuilder().name(name)
  for (const cases of suites) {
    const suite = report.testSuite().name('suite').timestamp('2026-09-01').property('p', 'q')
    for (const { title, seconds, outcome, message, body, output, property } of cases) {
      const testCase = suite.testCase().name(title).className('c').time(seconds)
      if (property !== '') testCase.property('p', property)
      if (outcome === 'failure') testCase.failure(message, 'type').stacktrace(body)
      if (outcome === 'error') testCase.error(message, '', body)
      if (outcome === 'skipped') testCase.skipped()
      if (output !== '') testCase.standardOutput(output)
    }
    suite.time(1.5)
  }
  return `${report.build().replace(/(<testsuites name="[^"]*" tests="\d+" failures="\d+" errors="\d+") skipped="\d+"/, '$1')}\n`
}
