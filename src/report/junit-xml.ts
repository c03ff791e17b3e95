/**
 * A document of JUnit XML, piece by piece, so that a large one is never in memory. Jenkins' schema apart, byte for byte what
 * junit-report-builder 5 writes, at a tenth of its time.
 */
export function* junitDocument(name: string, counts: Counts, suites: Iterable<Suite>): Generator<string> {
  // Of all suites together, Jenkins wants no number of what was skipped.
  const { skipped: _, ...whole } = counts
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${startTag('', 'testsuites', { name, ...whole })}`
  let any = false
  for (const suite of suites) {
    yield `${any ? '' : '>\n'}${suite.text()}`
    any = true
  }
  yield any ? '</testsuites>\n' : '/>\n'
}

/** How many cases there are, and how many of them ended otherwise than well. */
export interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
}

/** How a case ended, as JUnit has it. */
export type Outcome = 'pass' | 'failure' | 'error' | 'skipped'

export function countsOf(outcomes: readonly Outcome[]): Counts {
  const count = (wanted: Outcome): number => outcomes.filter(outcome => outcome === wanted).length
  return { tests: outcomes.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') }
}

type Attributes = Record<string, string | number | undefined>

/** What suites and cases have in common. */
class Node {
  protected readonly attributes: Attributes = {}
  readonly #properties: [string, string][] = []

  name(name: string): this {
    this.attributes['name'] = name
    return this
  }

  /** Units: seconds. */
  time(seconds: number): this {
    this.attributes['time'] = seconds
    return this
  }

  property(name: string, value: string): this {
    this.#properties.push([name, value])
    return this
  }

  protected properties(indent: string): string {
    if (this.#properties.length === 0) return ''
    const inner = this.#properties.map(([name, value]) => element(`${indent}  `, 'property', { name, value }))
    return element(indent, 'properties', {}, inner.join(''))
  }
}

/** The tests of one thing. */
export class Suite extends Node {
  readonly cases: Case[] = []

  timestamp(at: string): this {
    this.attributes['timestamp'] = at
    return this
  }

  testCase(): Case {
    const testCase = new Case()
    this.cases.push(testCase)
    return testCase
  }

  text(): string {
    const counts = countsOf(this.cases.map(({ outcome }) => outcome))
    const inner = this.properties('    ') + this.cases.map(testCase => testCase.text()).join('')
    return element('  ', 'testsuite', { ...this.attributes, ...counts }, inner)
  }
}

type Said = readonly [attributes: Attributes, body: string]

/** One test: passed unless told otherwise. */
export class Case extends Node {
  #failure: Said | undefined
  #error: Said | undefined
  #skipped: Attributes | undefined
  #output = ''

  get outcome(): Outcome {
    return this.#failure ? 'failure' : this.#error ? 'error' : this.#skipped ? 'skipped' : 'pass'
  }

  className(name: string): this {
    this.attributes['classname'] = name
    return this
  }

  failure(message: string, type: string, body: string): this {
    this.#failure = [told(message, type), body]
    return this
  }

  error(message: string, type: string, body: string): this {
    this.#error = [told(message, type), body]
    return this
  }

  skipped(message: string): this {
    this.#skipped = told(message, '')
    return this
  }

  standardOutput(text: string): this {
    this.#output = text
    return this
  }

  text(): string {
    const inner = [
      this.properties('      '),
      this.#failure ? element('      ', 'failure', this.#failure[0], cdata(this.#failure[1])) : '',
      this.#error ? element('      ', 'error', this.#error[0], cdata(this.#error[1])) : '',
      this.#skipped ? element('      ', 'skipped', this.#skipped) : '',
      this.#output === '' ? '' : element('      ', 'system-out', {}, cdata(this.#output)),
    ]
    return element('    ', 'testcase', this.attributes, inner.join(''))
  }
}

/** What is not said is not an attribute. */
function told(message: string, type: string): Attributes {
  return { ...(message !== '' && { message }), ...(type !== '' && { type }) }
}

/** A section of text; `inner` of an element that ends in one stays on its line. */
function cdata(text: string): string {
  return text === '' ? '' : `<![CDATA[${text.replaceAll(']]>', ']] >')}]]>`
}

function element(indent: string, name: string, attributes: Attributes, inner = ''): string {
  const head = startTag(indent, name, attributes)
  if (inner === '') return `${head}/>\n`
  return inner.startsWith('<!') ? `${head}>${inner}</${name}>\n` : `${head}>\n${inner}${indent}</${name}>\n`
}

/** A tag that is not closed yet. */
function startTag(indent: string, name: string, attributes: Attributes): string {
  let head = `${indent}<${name}`
  for (const key in attributes) head += ` ${key}="${escape(String(attributes[key]))}"`
  return head
}

const SPECIAL = /[&<"\t\n\r]/
const ALL_SPECIAL = /[&<"\t\n\r]/g
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

function escape(text: string): string {
  return SPECIAL.test(text) ? text.replaceAll(ALL_SPECIAL, character => ESCAPES[character]!) : text
}
