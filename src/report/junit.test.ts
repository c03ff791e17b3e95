import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import type { RunMatrix } from '../model/cell.ts'
import { fold } from '../model/fold.ts'
import { SAMPLE_IMAGE, SAMPLE_RELEASE, sampleFeatures, SampleLog, sampleRun } from '../model/fold-sample.ts'
import { junitReport } from './junit.ts'

const XML = junitReport(fold(sampleRun(), sampleFeatures()))

function suite(name: string): string {
  return new RegExp(`<testsuite name="${name}"[^]*?</testsuite>`).exec(XML)?.[0] ?? ''
}

function counts(xml: string): string[] {
  return ['tests', 'failures', 'errors', 'skipped'].map(name => new RegExp(`${name}="(\\d+)"`).exec(xml)?.[1] ?? '')
}

/** Opens and closes every element in order, or says where it does not. */
function complaint(xml: string): string | undefined {
  const stack: string[] = []
  const markup = xml.replaceAll(/<!\[CDATA\[[^]*?\]\]>/g, '').replaceAll(/<\?[^]*?\?>/g, '')
  const element = /<(\/?)([\w-]+)(?:\s+[\w-]+="[^"<]*")*\s*(\/?)>/g
  for (const [tag, close, name = '', empty] of markup.matchAll(element)) {
    if (close && stack.pop() !== name) return `${tag} closes nothing`
    if (!close && !empty) stack.push(name)
  }
  if (stack.length > 0) return `${stack.at(-1)} stays open`
  return /[<>]/.test(markup.replaceAll(element, '')) ? 'a stray bracket' : undefined
}

/** What `xmllint` has against a document by the schema: one line each, none when it is valid. */
function invalid(xml: string): string[] {
  const schema = new URL('junit-test-kit.xsd', import.meta.url).pathname
  const { status, stderr, error } = spawnSync('xmllint', ['--noout', '--schema', schema, '-'], { input: xml })
  if (error) throw new Error(`xmllint is needed: run ci/setup (${error.message})`)
  const lines = stderr
    .toString()
    .split('\n')
    .filter(line => /error|attribute|element/i.test(line))
  return status === 0 ? [] : lines.length > 0 ? lines : [`exit ${status}`]
}

describe('junitReport', () => {
  it('is one suite for each feature and board', () => {
    assert.equal(XML.match(/<testsuite /g)?.length, 24)
    assert.equal(complaint(XML), undefined)
  })

  it('calls the product’s fault a failure, the lab’s an error, the blocked skipped', () => {
    assert.deepEqual(counts(suite('netvm on nuc-1')), ['2', '1', '0', '0'])
    assert.deepEqual(counts(suite('netvm on x1-1')), ['1', '0', '1', '0'])
    assert.deepEqual(counts(suite('netvm on nuc-2')), ['1', '0', '0', '1'])
    assert.deepEqual(counts(suite('guivm on orin-1')), ['1', '0', '0', '1'])
  })

  it('tells a verdict that no test carries: a panic at boot, a cut feature', () => {
    assert.match(suite('x86-image on nuc-2'), /<failure message="expected a login prompt[^>]*type="product\/panic"/)
    assert.deepEqual(counts(suite('rootfs-flashing on x1-1')), ['2', '0', '1', '0'])
  })

  it('skips an open known issue: it must not turn a build red', () => {
    const log = new SampleLog().test('nuc-1', 'netvm', 'a', {
      verdict: 'fail',
      blame: 'product',
      known: 'T-1',
      reason: 'no',
    })
    const xml = junitReport(fold([...sampleRun().slice(0, 1), ...log.events], sampleFeatures()))
    const found = /<testsuite name="netvm on nuc-1"[^]*?<\/testsuite>/.exec(xml)?.[0] ?? ''
    assert.deepEqual(counts(found), ['1', '0', '0', '1'])
    assert.match(found, /<skipped message="known issue T-1: no"\/>/)
  })

  it('names image, commit, board, run and twin, and why something was skipped', () => {
    assert.match(
      suite('netvm on nuc-2'),
      /name="image" value="9f2c4b1e[^]*name="commit" value="6b1f0c2d9a7e[^]*name="twin" value="true"/,
    )
    assert.match(suite('netvm on nuc-2'), /<skipped message="x86-image failed on this board and image"\/>/)
    assert.match(suite('guivm on orin-1'), /<system-out><!\[CDATA\[this image has no guivm\]\]>/)
  })

  it('is valid for Jenkins, at any point of a run', () => {
    const events = sampleRun()
    for (const n of [1, 2, 9, 30, 60, events.length])
      assert.deepEqual(invalid(junitReport(fold(events.slice(0, n), sampleFeatures()))), [], `after ${n} events`)
    const { events: oneTest } = new SampleLog().test('nuc-1', 'netvm', 'takes its time', { durationMs: 1234.5678 })
    assert.deepEqual(invalid(junitReport(fold([...sampleRun().slice(0, 1), ...oneTest], sampleFeatures()))), [])
  })

  it('would be found invalid: the schema can say no', () => {
    const spoilt: [string, string][] = [
      ['<failure message="', '<failure because="'],
      ['type="product/no-guest"', ''],
      ['classname="netvm" time="2.21"', 'classname="netvm" time="2.2104"'],
      ['tests="28"', 'tests="many"'],
      ['timestamp="2026-09-01T08:00:00"', 'timestamp="2026-09-01T08:00:00.000Z"'],
      ['</testsuites>', ''],
      ['<skipped message="', '<skipped reason="'],
      ['</failure>', '</failure><error type="x" message="y"/>'],
      ['</properties>', '</properties><properties/>'],
    ]
    for (const [good, bad] of spoilt) {
      assert.ok(XML.includes(good), good)
      assert.notDeepEqual(invalid(XML.replace(good, bad)), [], `${good} → ${bad}`)
    }
  })

  it('counts the same in the whole as in its suites', () => {
    const suites = [...XML.matchAll(/<testsuite [^>]*>/g)].map(([tag]) => counts(tag).map(Number))
    const root = counts(/<testsuites [^>]*>/.exec(XML)?.[0] ?? '')
      .slice(0, 3)
      .map(Number)
    assert.deepEqual(
      root,
      [0, 1, 2].map(index => suites.reduce((sum, suite) => sum + (suite[index] ?? 0), 0)),
    )
    assert.equal(XML.match(/<testcase /g)?.length, root[0])
  })

  it('names the image a feature was tested on, though its board got another one afterwards', () => {
    const log = new SampleLog().flashed('nuc-1').test('nuc-1', 'x86-image', 'a').flashed('nuc-1', SAMPLE_RELEASE)
    log.test('nuc-1', 'debug-serial', 'b')
    const xml = junitReport(fold([...sampleRun().slice(0, 1), ...log.events], sampleFeatures()))
    const imageOf = (name: string): string | undefined =>
      new RegExp(`<testsuite name="${name}"[^]*?name="image" value="(\\w+)"`).exec(xml)?.[1]
    assert.equal(imageOf('x86-image on nuc-1'), SAMPLE_IMAGE.sha256)
    assert.equal(imageOf('debug-serial on nuc-1'), SAMPLE_RELEASE.sha256)
  })

  it('stays XML whatever a board says', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(']]>', '\u001b[31mred\u001b[0m\u0000', '</testcase>', '&', '\ud800'),
    )
    fc.assert(
      fc.property(
        fc.array(hostile, { maxLength: 3 }).map(parts => parts.join('')),
        text => {
          const xml = junitReport(oneFailure(text))
          assert.equal(complaint(xml), undefined)
          assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
        },
      ),
    )
  })
})

describe('hostile words', () => {
  it('are valid, and carry no colours', () => {
    const text = ']]>\u001b[31mred\u001b[0m\u0000</testcase>&\ud800\ufffe<skipped/>"\u009b'
    const xml = junitReport(oneFailure(text))
    assert.deepEqual(invalid(xml), [])
    assert.doesNotMatch(xml, /\[31m|\[0m/)
    assert.match(xml, /red/)
  })
})

function oneFailure(text: string): RunMatrix {
  const log = new SampleLog().add(0, {
    type: 'run-started',
    run: text,
    version: '0',
    command: [],
    bench: text,
    boards: [{ board: 'a', type: 'nuc', twin: false, image: null, features: ['f'] }],
    left: [],
  })
  const fault = new Fault('product/hang', { expected: text, seen: text, evidence: [text] }).record()
  log.test('a', 'f', text, { verdict: 'fail', blame: 'product', fault, consoleLines: [text] })
  log.test('a', 'f', `${text}2`, { verdict: 'skip', reason: text })
  return fold(log.events, [])
}
