import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readYaml } from '../base/schema.ts'
import { evidenceOf } from '../model/evidence.ts'
import { FeatureFile } from '../model/feature.ts'
import { fold } from '../model/fold.ts'
import { sampleFeatures, sampleRun } from '../model/fold-sample.ts'
import { LabelFile } from '../model/labels.ts'
import { displayWidth } from './columns.ts'
import { statusPage } from './page.ts'

const FEATURES = readYaml('suites/features.yaml', FeatureFile, 'configuration/usage').data.features
const LABELS = readYaml('devices/labels.yaml', LabelFile, 'configuration/usage').data.labels
const EVIDENCE = evidenceOf(fold(sampleRun(), sampleFeatures())).map(line => ({ ...line, line: 'main' }))
const AS_OF = '2026-09-09T12:30:00Z'

/** The cells of the table row that begins with a title, in the n-th place it does. */
function row(page: string, title: string, nth = 0): string[] {
  const line = page.split('\n').filter(line => line.startsWith(`| ${title} `))[nth]
  return (line ?? '')
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim())
}

describe('statusPage', () => {
  const page = statusPage(FEATURES, EVIDENCE, LABELS, AS_OF)

  it('has all 34 rows in four tables, 🚧 while nothing is known', () => {
    const empty = statusPage(FEATURES, [], LABELS, AS_OF)
    assert.equal(empty.match(/^\| Feature .*Reference Device.*Twins.*Details/gm)?.length, 4)
    assert.equal(empty.match(/^\| .* \| 🚧 /gm)?.length, 34)
    assert.doesNotMatch(empty.slice(empty.indexOf('## Release')), /✅ {2}|❌ {2}/)
    assert.match(empty, /Nothing was tested yet/)
  })

  it('is the same bytes for the same evidence in any order', () => {
    assert.equal(statusPage(FEATURES, EVIDENCE.toReversed(), LABELS, AS_OF), page)
    assert.equal(statusPage(structuredClone(FEATURES), EVIDENCE, LABELS, AS_OF), page)
  })

  it('shows hardware in the status and twins beside it', () => {
    assert.deepEqual(row(page, '`x86` generic image').slice(1, 4), ['✅', '`x86`', '❌ nuc'])
    assert.deepEqual(row(page, '`aarch64` reference image', 0).slice(1, 4), ['✅', '`Orin`', '—'])
    assert.deepEqual(row(page, '`aarch64` reference image', 1).slice(1, 4), ['🚧', '`imx8mp`', '—'])
    const twins = EVIDENCE.map(e => ({ ...e, twin: true, board: `virtual-${e.board}` }))
    assert.equal(row(statusPage(FEATURES, twins, LABELS, AS_OF), '`netvm`')[3], '✅ orin · ❌ nuc')
  })

  it('leads every tested status to its evidence', () => {
    const why = row(page, '`debug-ssh`')
    assert.deepEqual(why, [
      '`debug-ssh`',
      'orin',
      '✅',
      'passes',
      '20260901-0800-k3f9',
      'orin-1',
      '`9f2c4b1e9f2c`',
      '`6b1f0c2d9a7e`',
      '8 d',
    ])
    assert.match(page, /As of 2026-09-09 12:30 UTC, from 13 lines of evidence\./)
  })

  it('lists removed rows for deletion, and does not judge them', () => {
    const rows = FEATURES.map(row => (row.id === 'netvm' ? { ...row, removed: { since: 'v26.06' } } : row))
    const page = statusPage(rows, EVIDENCE, LABELS, AS_OF)
    assert.equal(row(page, '`netvm`')[1], '—')
    assert.match(page, /## To be deleted\n\n- `netvm` — removed since v26\.06\n/)
    assert.doesNotMatch(statusPage(FEATURES, EVIDENCE, LABELS, AS_OF), /To be deleted/)
  })

  it('shows the line and the known issues it is asked for', () => {
    const issues = [
      { ticket: 'T-1', owner: 'ann', feature: 'guivm', types: ['x1'], opened: '2026-09-01', expires: '2026-09-30' },
    ]
    const page = statusPage(FEATURES, EVIDENCE, LABELS, AS_OF, { line: 'v26.08', issues })
    assert.match(page, /an image built from `v26\.08`/)
    assert.equal(row(page, '`guivm`')[1], '❌')
    const why = row(page, '`guivm`', 1)
    assert.deepEqual(why.slice(1), ['x1', '❌', 'known issue T-1 of ann, until 2026-09-30', ...Array(5).fill('—')])
    assert.equal(row(page, '`x86` generic image')[1], '🚧')
  })

  it('says of twins how often something failed, and what was not checked', () => {
    const twin = (more: object) => EVIDENCE.slice(0, 1).map(e => ({ ...e, twin: true, ...more }))
    const said = (more: object): string | undefined =>
      row(statusPage(FEATURES, twin(more), LABELS, AS_OF), '`aarch64-image-orin`')[3]
    assert.equal(said({ verdict: 'fail', reruns: { ran: 2, agreed: 0 } }), 'flaky, failed 1 of 3 times')
    assert.equal(said({ verdict: 'fail', reruns: { ran: 1, agreed: 1 } }), 'fails, failed 2 of 2 times')
    assert.equal(said({ verdict: 'fail' }), 'fails')
    assert.equal(said({ untested: ['sound (no microphone)'] }), 'passes; untested: sound (no microphone)')
  })

  it('names whose words it quotes and their licence, for people and for tools', () => {
    assert.match(
      page,
      /<!--[^]*TII \(SSRC\) and the Ghaf contributors[^]*SPDX-License-Identifier: CC-BY-SA-4\.0[^]*-->/,
    )
    assert.match(page.split('\n').at(-2) ?? '', /TII \(SSRC\) and the Ghaf contributors.*CC-BY-SA-4\.0/)
  })

  it('lines its columns up', () => {
    const tables = page.split('\n\n').filter(block => block.startsWith('| '))
    for (const table of tables) assert.equal(new Set(table.trim().split('\n').map(displayWidth)).size, 1, table)
  })

  it('lets nothing a board said become markup', () => {
    const hostile = EVIDENCE.map(e => ({ ...e, verdict: 'fail' as const, why: 'a | b\n<img src=x> [x](y) `z`' }))
    const page = statusPage(FEATURES, hostile, LABELS, AS_OF)
    assert.match(row(page, '`netvm`', 1)[3] ?? '', /a \\\| b \\<img src=x\\> \\\[x\\\]\(y\) \\`z\\`$/)
  })
})
