import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { releasePage } from './page.ts'
import { releaseReport } from './release.ts'
import { found, QUESTION, reportOf, row, sampleSources } from './test-kit.ts'

const PAGE = releasePage(releaseReport({ ...sampleSources(), waivers: [] }, QUESTION))

describe('releasePage', () => {
  it('needs nothing from anywhere else, and no script', () => {
    assert.doesNotMatch(PAGE.replaceAll('https://tickets.example', ''), /https?:|@import|url\(|<link|<img|<script|src=/)
  })

  it('leads every link to a place of its own', () => {
    const ids = [...PAGE.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const [, target] of PAGE.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(target), target)
  })

  it('describes every chart in words, and colours it by the style of the page', () => {
    const charts = [...PAGE.matchAll(/<svg [^]*?<\/svg>/g)].map(([svg]) => svg)
    assert.equal(charts.length, 8)
    for (const svg of charts) {
      assert.match(svg, /^<svg aria-label="[^"]*\d+ runs from 2026-\d\d-\d\d to 2026-\d\d-\d\d[^"]*" role="img"/)
      assert.equal(svg.match(/aria-label/g)?.length, 1)
      assert.match(svg, /var\(--(?:to|from)\)/)
      assert.ok((svg.match(/<circle/g)?.length ?? 0) >= 5)
    }
  })

  it('tells what is broken by word and sign, not by colour alone', () => {
    assert.match(PAGE, /<span class="pill fail"><i aria-hidden="true">✗<\/i>fails<\/span>/)
    assert.doesNotMatch(PAGE, /undefined|NaN|\[object/)
  })

  it('names whole digests and commits of the images', () => {
    const { images } = releaseReport(sampleSources(), QUESTION)
    for (const { sha256, commit } of images) assert.ok(PAGE.includes(sha256) && PAGE.includes(commit!))
  })

  it('has the same tags whatever a board says', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.constantFrom('</td><script>alert(1)</script>', '"><b>', "' onclick='x", '<!--'),
    )
    const plain = tagsSaying('plain')
    fc.assert(fc.property(hostile, text => assert.deepEqual(tagsSaying(`x${text}`), plain)))
  })
})

function tagsSaying(text: string): string[] {
  const evidence = [
    found('v26.07', 'pass', 40, { board: text }),
    found('v26.08', 'fail', 2, { why: text, run: text, board: text, variant: text }),
  ]
  const page = releasePage(reportOf(row(['Orin']), evidence)).replace(/<style>[^]*?<\/style>/, '')
  return [...page.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag)
}
