import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Evidence } from '../../model/cell.ts'
import { releaseMarkdown } from './markdown.ts'
import { releasePage } from './page.ts'
import { releaseReport } from './release.ts'
import { found, QUESTION, reportOf, row, sampleSources } from './test-kit.ts'

const SAMPLE = sampleSources()
const ORIN = row(['Orin'])

describe('a release report', () => {
  it('is the same, byte for byte, in whatever order its evidence comes', () => {
    const report = releaseReport(SAMPLE, QUESTION)
    const texts = [releasePage(report), releaseMarkdown(report)]
    const order = fc.shuffledSubarray([...SAMPLE.evidence], { minLength: SAMPLE.evidence.length })
    fc.assert(
      fc.property(order, evidence => {
        const again = releaseReport({ ...SAMPLE, evidence }, QUESTION)
        assert.deepEqual([releasePage(again), releaseMarkdown(again)], texts)
      }),
      { numRuns: 5 },
    )
  })

  it('shows the digests of exactly its release', () => {
    const { images, rows } = releaseReport(SAMPLE, QUESTION)
    const own = new Set(SAMPLE.evidence.flatMap(e => (e.line === 'v26.08' ? e.imageSha256 : [])))
    assert.deepEqual(new Set(images.map(({ sha256 }) => sha256)), own)
    const shown = rows.flatMap(({ cells }) => cells.flatMap(({ now, twin }) => [now.evidence, twin.evidence]))
    assert.ok(shown.every(e => e === undefined || own.has(e.imageSha256)))
    assert.ok(shown.some(Boolean))
  })

  it('is not moved by evidence of any other line', () => {
    const alone = reportOf(ORIN, [found('v26.08', 'pass', 2)])
    const strange = fc.record({
      line: fc.constantFrom('main', null, 'v26.0', 'V26.08', ''),
      verdict: fc.constantFrom('pass' as const, 'fail' as const),
      age: fc.integer({ min: 0, max: 90 }),
      twin: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(strange), extra => {
        const more = extra.map(({ line, verdict, age, twin }): Evidence => ({
          ...found('x', verdict, age, { twin }),
          line,
        }))
        assert.deepEqual(reportOf(ORIN, [found('v26.08', 'pass', 2), ...more]), alone)
      }),
    )
  })

  it('counts rows now and before, the release before as it was when it was last tested', () => {
    const count = (status: string): number[] => {
      const { rows } = releaseReport(SAMPLE, QUESTION)
      return [rows.filter(r => r.row.status === status).length, rows.filter(r => r.before?.status === status).length]
    }
    assert.deepEqual(
      [count('✅'), count('❌')],
      [
        [5, 6],
        [2, 0],
      ],
    )
  })

  it('knows images and boards by what logs say, and does without', () => {
    const { images, boards } = releaseReport(SAMPLE, QUESTION)
    const [newest] = images
    assert.deepEqual([newest?.name, newest?.superseded, newest?.types], ['ghaf-orin-debug', [], ['orin']])
    assert.deepEqual(images.at(-1)?.superseded.length, images.at(-1)?.types.length)
    assert.deepEqual(
      boards.map(({ board, firmware }) => [board, firmware]),
      [
        ['nuc-1', 'ANADL357.0026.2023.0130'],
        ['orin-1', undefined],
        ['x1-1', 'N3XET59W (1.34)'],
        ['x1-twin', undefined],
      ],
    )
    const without = releaseReport({ ...SAMPLE, runs: [] }, QUESTION)
    assert.deepEqual([without.images[0]?.name, without.images[0]?.sha256], [undefined, newest?.sha256])
    assert.deepEqual(without.trends, [])
    assert.match(without.missing[0] ?? '', /^No log is at hand of any of the 15 runs of v26\.08.*v26\.08-15-nuc/)
  })

  it('times boots and full flashes of the two releases, and nothing else', () => {
    const [run] = SAMPLE.runs
    const flash = run!.flashes[0]!
    const other = { ...flash.image!, origin: { signature: 'good' as const, line: 'main', why: '' } }
    const runs = [
      ...SAMPLE.runs,
      { ...run!, boots: [], flashes: [{ ...flash, mode: 'delta' as const, durationMs: 1 }] },
      { ...run!, boots: [{ ...run!.boots[0]!, image: other, durationMs: 1 }], flashes: [] },
    ]
    const trends = releaseReport({ ...SAMPLE, runs }, QUESTION).trends
    assert.deepEqual(trends, releaseReport(SAMPLE, QUESTION).trends)
    assert.deepEqual(
      trends.map(({ kind, type, now, before }) => [kind, type, now?.n ?? 0, before?.n ?? 0].join(' ')),
      [
        'boot orin 5 5',
        'boot imx8mp 0 5',
        'boot nuc 5 5',
        'boot x1 5 5',
        'flash orin 5 5',
        'flash imx8mp 0 5',
        'flash nuc 5 5',
        'flash x1 5 5',
      ],
    )
  })

  it('doubts itself where no hardware was tested, and where logs know more than the evidence', () => {
    const twin = found('v26.08', 'pass', 2, { twin: true })
    const { doubts } = reportOf(ORIN, [twin], {}, { untold: [found('v26.08', 'fail', 1)] })
    assert.match(doubts[0] ?? '', /^No hardware was tested/)
    assert.match(doubts[1] ?? '', /^1 result of v26\.08-1-orin did not count/)
    assert.deepEqual(reportOf(ORIN, [found('v26.08', 'pass', 2)]).doubts, [])
  })
})
