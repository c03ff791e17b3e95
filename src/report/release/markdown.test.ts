import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { releaseMarkdown } from './markdown.ts'
import { releaseReport } from './release.ts'
import { found, QUESTION, reportOf, row, sampleSources } from './test-kit.ts'

const WAIVERS = [
  {
    feature: 'debug-serial',
    scope: ['x1'],
    approver: 'Ada | Example',
    reason: 'no port',
    expires: '2026-12-31',
    where: 'w:2',
  },
  {
    feature: 'debug-ssh',
    scope: ['all'],
    approver: 'Ada Example',
    reason: 'no use',
    expires: '2026-12-31',
    where: 'w:7',
  },
]
const TEXT = releaseMarkdown(releaseReport({ ...sampleSources(), waivers: WAIVERS }, QUESTION))

/** How many cells each line of each table has, tables apart. */
function tableShapes(markdown: string): number[][] {
  const shapes: number[][] = []
  let inTable = false
  for (const line of markdown.split('\n')) {
    if (!line.startsWith('|')) inTable = false
    else {
      if (!inTable) shapes.push([])
      inTable = true
      shapes.at(-1)!.push(line.split(/(?<!\\)\|/).length - 2)
    }
  }
  return shapes
}

describe('releaseMarkdown', () => {
  it('has whole tables only, each behind an empty line, with a rule below its head', () => {
    const shapes = tableShapes(TEXT)
    assert.ok(shapes.length > 12, `${shapes.length} tables`)
    for (const shape of shapes) {
      assert.ok(shape.length > 2, 'a head, a rule and a row')
      assert.equal(new Set(shape).size, 1, shape.join())
    }
    const lines = TEXT.split('\n')
    for (const [index, line] of lines.entries())
      if (line.startsWith('|') && !lines[index - 1]?.startsWith('|')) {
        assert.equal(lines[index - 1], '')
        assert.match(lines[index + 1] ?? '', /^\|(?:-+\|)+$/)
      }
  })

  it('says what changed, with both sides of the evidence', () => {
    const [, broken = ''] = /### Broken \(2\)\n([^]*?)###/.exec(TEXT) ?? []
    for (const text of [
      'Debug: Serial',
      'Orin',
      'passed',
      'fails',
      'no login prompt within 120 s',
      'v26.08-4-orin',
      'v26.07-43-orin',
    ])
      assert.ok(broken.includes(text), text)
    for (const heading of [
      'No longer tested (4)',
      'Removed (1)',
      'Holds on old evidence (1)',
      'Fixed (1)',
      'Proven for the first time (1)',
    ])
      assert.ok(TEXT.includes(`### ${heading}\n`), heading)
    assert.doesNotMatch(TEXT, /Still broken|undefined|NaN|\[object/)
  })

  it('names the known issues with owner and day, also the expired', () => {
    assert.match(
      TEXT,
      /\| root filesystem flashing \| imx8mp .*GHAF-231 \| Grace Example \| 2026-10-15 +\| imx8mp not tested/,
    )
    assert.match(TEXT, /\| GHAF-198 .*\| 2026-08-25 \(expired\) \| nuc passes, 2026-08-29/)
    assert.match(TEXT, /known issue https:\/\/tickets\.example\/GHAF-231 of Grace Example, until 2026-10-15/)
  })

  it('says who waived what, and which waiver has no use', () => {
    assert.match(TEXT, /\| Debug: Serial +\| Lenovo X1 .*Ada \\\| Example.*no port.*2026-12-31/)
    assert.match(TEXT, /### Without use\n\n\* w:7: debug-ssh on all/)
  })

  it('keeps its lines and columns whatever a board says', () => {
    const plain = shapeSaying('plain')
    const hostile = fc.oneof(fc.string(), fc.constantFrom('a|b', '\n# x', '`|`', '<script>', '\\|', '| a |\n|---|'))
    fc.assert(fc.property(hostile, text => assert.deepEqual(shapeSaying(`x${text}`), plain)))
  })

  it('leaves out the changes when there is no release before, and the gate when nobody named waivers', () => {
    const alone = releaseMarkdown(releaseReport(sampleSources(), { to: 'v26.08', asOf: QUESTION.asOf }))
    assert.doesNotMatch(alone, /What changed|Release gate|v26\.07/)
  })
})

function shapeSaying(text: string): { lines: number; tables: number[][] } {
  const evidence = [
    found('v26.07', 'pass', 40, { board: text }),
    found('v26.08', 'fail', 2, { why: text, run: text, board: text }),
  ]
  const markdown = releaseMarkdown(reportOf(row(['Orin']), evidence))
  return { lines: markdown.split('\n').length, tables: tableShapes(markdown) }
}
