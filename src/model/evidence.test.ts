import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Fault } from '../base/fault.ts'
import type { Evidence } from './cell.ts'
import { evidenceOf, formatEvidence, mergeEvidence, parseEvidence } from './evidence.ts'
import { fold } from './fold.ts'
import { SAMPLE_IMAGE, SAMPLE_RELEASE, SampleLog, sampleFeatures, sampleRun } from './fold-sample.ts'
import type { Feature } from './feature.ts'
import { byTime } from './line-order.ts'
import { statusOf } from './status.ts'
import { AS_OF, at, fail, LABELS, ORIN, pass, PROTOTYPE, seen, suspect } from './status-test-kit.ts'

const MATRIX = fold(sampleRun(), sampleFeatures())

/** What every line has had since there are lines. */
const REQUIRED = [
  ...([
    'feature',
    'type',
    'board',
    'twin',
    'verdict',
    'at',
    'run',
    'imageSha256',
    'commit',
    'line',
    'variant',
  ] as const),
]

const anyLine: fc.Arbitrary<Evidence> = fc.record(
  {
    feature: fc.constantFrom('debug-ssh', 'netvm'),
    type: fc.constantFrom('orin', 'nuc'),
    board: fc.constantFrom('a-1', 'a-2'),
    twin: fc.boolean(),
    verdict: fc.constantFrom<'pass' | 'fail'>('pass', 'fail'),
    at: fc.nat(90).map(day => new Date(Date.UTC(2026, 5, 1 + day)).toISOString()),
    run: fc.nat(30).map(n => `r${n}`),
    imageSha256: fc.constant('a'.repeat(64)),
    commit: fc.constantFrom(null, 'c0ffee'),
    line: fc.constantFrom(null, 'main'),
    variant: fc.constant('debug'),
    position: fc.nat(5),
    reruns: fc.constantFrom({ ran: 2, agreed: 1 }),
    untested: fc.constant(['a']),
    absent: fc.constant(true as const),
  },
  {
    noNullPrototype: true,
    requiredKeys: [...REQUIRED],
  },
)
const anyLines = fc.array(anyLine, { maxLength: 40 })

describe('evidenceOf', () => {
  it('keeps passes and fails, nothing inconclusive', () => {
    const evidence = evidenceOf(MATRIX)
    assert.deepEqual(new Set(evidence.map(e => e.verdict)), new Set(['pass', 'fail']))
    assert.equal(evidence.length, MATRIX.cells.filter(c => c.verdict === 'pass' || c.verdict === 'fail').length)
  })

  it('says how often a finding was seen, what was not looked at, and where its commit stands', () => {
    const log = new SampleLog().flashed('nuc-1', { ...SAMPLE_IMAGE, position: 812 })
    log.test('nuc-1', 'netvm', 'a', { verdict: 'fail', blame: 'product', absent: true })
    log.test('nuc-1', 'netvm', 'a', { rerun: 1 }).test('nuc-1', 'debug-serial', 'a')
    log.test('nuc-1', 'debug-serial', 'b', { verdict: 'skip', untested: true, reason: 'no cable' })
    log.test('nuc-1', 'debug-ssh', 'a', { verdict: 'fail' })
    log.test('nuc-1', 'debug-ssh', 'b', { verdict: 'skip', untested: true, reason: 'no cable' })
    const found = evidenceOf(fold([...sampleRun().slice(0, 1), ...log.events], sampleFeatures()))
    assert.deepEqual(
      found.map(({ feature, position, reruns, untested, absent }) => ({ feature, position, reruns, untested, absent })),
      [
        { feature: 'debug-ssh', position: 812, reruns: undefined, untested: undefined, absent: undefined },
        { feature: 'debug-serial', position: 812, reruns: undefined, untested: ['b (no cable)'], absent: undefined },
        { feature: 'netvm', position: 812, reruns: { ran: 1, agreed: 0 }, untested: undefined, absent: true },
      ],
    )
  })

  it('says what failed, in one line, and where on the console', () => {
    const netvm = evidenceOf(MATRIX).find(e => e.feature === 'netvm' && e.board === 'nuc-1')
    assert.match(netvm?.why ?? '', /^answers ping from the host: product\/no-guest: no route to host/)
    assert.deepEqual(netvm?.slice, { from: 60_120, to: 71_900 })
    assert.ok(evidenceOf(MATRIX).every(e => !e.why?.includes('\n') && (e.why?.length ?? 0) <= 200))
  })

  it('is of no line unless its image is proven to come from one', () => {
    assert.ok(evidenceOf(MATRIX).every(e => e.line === null))
    const origin = { signature: 'good', line: 'main', why: 'signed provenance proves line main' } as const
    const log = new SampleLog().flashed('nuc-1', { ...SAMPLE_IMAGE, origin }).stage('nuc-1', 'test', 1)
    log.test('nuc-1', 'debug-serial', 'a')
    const evidence = evidenceOf(fold([...sampleRun().slice(0, 1), ...log.events], sampleFeatures()))
    assert.deepEqual(
      evidence.map(({ feature, line }) => [feature, line]),
      [['debug-serial', 'main']],
    )
  })

  it('knows nothing of cells whose image nobody knows', () => {
    const cells = MATRIX.cells.map(cell => ({ ...cell, imageSha256: null }))
    assert.deepEqual(evidenceOf({ ...MATRIX, cells }), [])
  })

  it('names the image each feature was tested on, not the last or first one of its board', () => {
    const start = sampleRun().slice(0, 1)
    const log = new SampleLog().flashed('nuc-1').stage('nuc-1', 'test', 1).test('nuc-1', 'x86-image', 'a')
    log.stage('nuc-1', 'flash', 1).flashed('nuc-1', SAMPLE_RELEASE).stage('nuc-1', 'test', 1)
    log.test('nuc-1', 'debug-serial', 'b')
    const evidence = evidenceOf(fold([...start, ...log.events], sampleFeatures()))
    assert.deepEqual(
      evidence.map(({ feature, imageSha256, variant }) => [feature, imageSha256, variant]),
      [
        ['x86-image', SAMPLE_IMAGE.sha256, 'debug'],
        ['debug-serial', SAMPLE_RELEASE.sha256, 'release'],
      ],
    )
  })
})

describe('evidence lines', () => {
  it('of an older version are read: they say nothing of re-runs and positions', () => {
    const old =
      '{"feature":"netvm","type":"orin","board":"orin-1","twin":true,"verdict":"pass","at":"2026-11-22T17:48:00.000Z",' +
      `"run":"r","imageSha256":"${'a'.repeat(64)}","commit":null,"line":null,"variant":"debug","slice":{"from":1,"to":2}}\n`
    const [line] = parseEvidence(old, 'e')
    assert.deepEqual([line?.run, line?.reruns, line?.position], ['r', undefined, undefined])
    assert.equal(formatEvidence(parseEvidence(old, 'e')), old)
  })

  it('are read back as they were', () => {
    const evidence = evidenceOf(MATRIX)
    assert.deepEqual(parseEvidence(formatEvidence(evidence), 'e'), evidence)
    fc.assert(fc.property(anyLines, lines => assert.deepEqual(parseEvidence(formatEvidence(lines), 'e'), lines)))
  })

  it('keep their keys in one order, whatever order they came in', () => {
    const [line] = evidenceOf(MATRIX)
    assert.ok(line)
    const turned = Object.fromEntries(Object.entries(line).toReversed()) as unknown as Evidence
    assert.equal(formatEvidence([turned]), formatEvidence([line]))
  })

  it('are complained about all at once, with file and line', () => {
    const good = formatEvidence(evidenceOf(MATRIX).slice(0, 1))
    assert.throws(
      () => parseEvidence(`${good}<<<<<<< ours\n${good}{"verdict":"maybe"}\n{`, 'reports/evidence.jsonl'),
      ({ code, evidence }: Fault) => {
        assert.equal(code, 'configuration/run-log')
        assert.match(evidence[0] ?? '', /^reports\/evidence\.jsonl:2: a merge conflict/)
        assert.ok(evidence.some(line => line.startsWith('reports/evidence.jsonl:4: verdict: ')))
        assert.match(evidence.at(-1) ?? '', /^reports\/evidence\.jsonl:5: /)
        return true
      },
    )
  })
})

describe('mergeEvidence', () => {
  it('gives the same file whatever is merged twice or in pieces', () => {
    fc.assert(
      fc.property(anyLines, lines => {
        const merged = mergeEvidence([], lines)
        assert.deepEqual(mergeEvidence(merged, []), merged)
        assert.deepEqual(mergeEvidence(merged, merged), merged)
      }),
    )
  })

  it('holds a run’s word about a board and feature once: the newer', () => {
    const [line] = evidenceOf(MATRIX)
    assert.ok(line)
    const corrected: Evidence = { ...line, verdict: 'fail' }
    assert.deepEqual(mergeEvidence([line], [corrected]), [corrected])
  })

  it('keeps few lines, in the order of time', () => {
    fc.assert(
      fc.property(anyLines, lines => {
        const merged = mergeEvidence([], lines)
        const groups = Object.values(Object.groupBy(merged, e => `${e.feature} ${e.type} ${e.twin} ${e.line}`))
        for (const group of groups.map(lines => lines ?? [])) {
          assert.ok(group.length <= (group[0]?.line === null ? 7 : 26))
          assert.deepEqual(group, group.toSorted(byTime))
        }
      }),
    )
  })

  it('of images of no line keeps the latest five, and the latest of each verdict', () => {
    const [line] = evidenceOf(MATRIX)
    assert.ok(line)
    const day = (n: number, verdict: 'pass' | 'fail'): Evidence => ({
      ...line,
      verdict,
      run: `r${n}`,
      at: `2026-07-0${n}T00:00:00.000Z`,
    })
    const kept = mergeEvidence(
      [day(1, 'pass'), day(2, 'pass')],
      [3, 4, 5, 6, 7, 8].map(n => day(n, 'fail')),
    )
    assert.deepEqual(
      kept.map(e => `${e.run} ${e.verdict}`),
      ['r2 pass', 'r4 fail', 'r5 fail', 'r6 fail', 'r7 fail', 'r8 fail'],
    )
  })

  it('keeps the twenty runs by which a row is called flaky, and a pass from before', () => {
    const suspects = Array.from({ length: 30 }, (_, n) => suspect(30 - n))
    const kept = mergeEvidence([pass(31), pass(32)], suspects)
    assert.deepEqual(
      kept.map(e => e.run),
      ['r-31', ...suspects.slice(10).map(e => e.run)],
    )
  })

  it('keeps no line of an old image tested again, and never lets one push out what is newer', () => {
    const news = Array.from({ length: 20 }, (_, n) => pass(40 - n, at(40 - n + 100)))
    const again = Array.from({ length: 25 }, (_, n) => fail(10 - n / 10, at(1)))
    const lines = [...again, ...news.map((line, n) => ({ ...line, ...at(n + 2) }))]
    assert.deepEqual(
      mergeEvidence([], lines).map(e => e.verdict),
      news.map(() => 'pass'),
    )
  })

  it('changes no status, however long the history and in however many pieces it came', () => {
    const line = fc
      .record({
        verdict: fc.constantFrom('pass' as const, 'pass' as const, 'fail' as const),
        agreed: fc.constantFrom(undefined, 0, 2),
        build: fc.nat(8),
        board: fc.constantFrom('orin-1', 'orin-2'),
      })
      .map(({ verdict, agreed, build, board }) => ({
        ...{ verdict, board, ...at(build) },
        ...(agreed !== undefined && { reruns: { ran: 2, agreed } }),
      }))
    const story = (row: Feature, evidence: Evidence[]) => {
      const { status, why, perType } = statusOf(row, evidence, LABELS, AS_OF)
      return { status, why, decides: perType[0]?.evidence?.run }
    }
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60, size: 'max' }), lines => {
        // Builds come in the order of the line but for some old ones tested again.
        const sorted = lines.toSorted((a, b) => a.position! - b.position!)
        const all = sorted.map((more, n) => seen('orin', more.verdict, 40 - n / 2, more))
        const merged = all.reduce<Evidence[]>((kept, one) => mergeEvidence(kept, [one]), [])
        for (const row of [ORIN, PROTOTYPE]) assert.deepEqual(story(row, merged), story(row, all))
      }),
      { numRuns: 300 },
    )
  })
})
