import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readYaml } from '../base/schema.ts'
import { type Feature, FeatureFile } from '../model/feature.ts'
import type { Status } from '../model/status.ts'
import { editPage } from './page-edit.ts'
import { symbolsIn } from './page-edit/symbols.ts'

const FEATURES = readYaml(
  new URL('../../suites/features.yaml', import.meta.url).pathname,
  FeatureFile,
  'configuration/bench-file',
).data.features
const feature = (id: string, title: string, devices: string[], names: string[] = []): Feature => ({
  ...FEATURES[0]!,
  id,
  title,
  devices,
  names,
  suite: 'x.spec.ts',
})
const FEW = [
  feature('netvm', '`netvm`', ['Orin']),
  feature('image-orin', '`aarch64` reference image', ['Orin']),
  feature('image-imx', '`aarch64` reference image', ['imx8mp']),
  feature('gala', 'Cloud Android', ['Orin', 'x86'], ['GALA client']),
]
test('a row of a removed feature keeps its status and is named for deletion', () => {
  const page = '| Feature | Status | Reference Device |\n|---|---|---|\n| netvm | ✅ | Orin |\n'
  const rows = FEW.map(row => (row.id === 'netvm' ? { ...row, removed: { since: 'v26.06' } } : row))
  const edit = editPage(page, rows, ({ removed }) => (removed ? '—' : '❌'))
  assert.equal(edit.page, page)
  assert.deepEqual(
    edit.removed.map(({ line, feature }) => [line, feature.id]),
    [[3, 'netvm']],
  )
})

const always = (status: Status) => () => status

const PAGE = `---
title: Features
---
import Note from './note.mdx'

* &#x2705;—integrated.  * &#x1f6A7;—prototyped.  * &#x274C;—broken.

| Feature | Status      | Reference Device | Details |
|---------|:-----------:|---|---|
| [Net VM](x.md) | &#x2705;    | \`Orin\` | a \\| b |
| \`aarch64\`  reference image|&#x1f6A7;|[\`imx8mp\`](y)| |
| aarch64 Reference Image | [&#x274C;](z) since 26.07 | Orin | |
| GALA Client |  | x86, Orin | ✅ in the details stays |
| Something else | &#x2705; | All | |

<Note>| not | a table |</Note>
`

test('changes the symbol and nothing else, written as the page writes it', () => {
  const { page, changes } = editPage(PAGE, FEW, always('🚧'))
  assert.deepEqual(
    changes.map(({ line, feature: { id }, from }) => [line, id, from]),
    [
      [10, 'netvm', '✅'],
      [12, 'image-orin', '❌'],
      [13, 'gala', null],
    ],
  )
  const lines = page.split('\n')
  assert.equal(lines[9], '| [Net VM](x.md) | &#x1f6A7;   | `Orin` | a \\| b |')
  assert.equal(lines[11], '| aarch64 Reference Image | [&#x1f6A7;](z) since 26.07 | Orin | |')
  assert.equal(lines[12], '| GALA Client | &#x1f6A7; | x86, Orin | ✅ in the details stays |')
  assert.deepEqual(
    lines.filter((_, n) => ![9, 11, 12].includes(n)),
    PAGE.split('\n').filter((_, n) => ![9, 11, 12].includes(n)),
  )
})

test('tells what it cannot decide, and leaves that alone', () => {
  const page = PAGE.replace('[`imx8mp`](y)', 'Polarfire').replace('[&#x274C;](z) since', '&#x2705; &#x274C;')
  const { unclear, missing, changes } = editPage(page, [...FEW, feature('idsvm', 'idsvm', ['All'])], always('❌'))
  assert.deepEqual(unclear, [
    { line: 11, what: 'aarch64 reference image: image-orin or image-imx, its devices fit none' },
    { line: 12, what: 'aarch64 Reference Image: several statuses in one cell' },
    { line: 14, what: 'Something else: no feature has this name' },
  ])
  assert.deepEqual(
    missing.map(({ id }) => id),
    ['idsvm'],
  )
  assert.deepEqual(
    changes.map(({ line }) => line),
    [10, 13],
  )
})

test('keeps line ends, and is done after one time', () => {
  const page = PAGE.replaceAll('\n', '\r\n')
  const once = editPage(page, FEW, always('✅')).page
  assert.equal(once.replaceAll('\r\n', '').includes('\n'), false)
  assert.deepEqual(editPage(once, FEW, always('✅')).changes, [])
  assert.equal(editPage(once, FEW, always('✅')).page, once)
})

const cellText = fc.stringMatching(/^[ A-Za-z0-9`*_.:()\\-]{0,16}$/).filter(text => !text.endsWith('\\'))
const table = fc.record({
  rows: fc.array(
    fc.record({
      name: fc.constantFrom('netvm', 'Net VM', '`netvm`', 'gala client', 'other', ''),
      status: fc.constantFrom('✅', '&#x2705;', '🚧', '&#x1F6A7;', '❌', ''),
      left: fc.nat(3),
      right: fc.nat(5),
      details: cellText,
    }),
    { maxLength: 6 },
  ),
  before: cellText,
  end: fc.constantFrom('\n', '\r\n'),
})

test('10 000 tables survive: unchanged where nothing changes, and outside the status cells where something does', () => {
  const to = always('🚧')
  fc.assert(
    fc.property(table, ({ rows, before, end }) => {
      const line = ({ name, status, left, right, details }: (typeof rows)[number]): string =>
        `| ${name} |${' '.repeat(left)}${status}${' '.repeat(right)}| Orin | ${details} |`
      const page = [before, '', '| Feature | Status | Devices | Details |', '|-|-|-|-|', ...rows.map(line), ''].join(
        end,
      )
      const stays = editPage(page, FEW, ({ id }) => {
        const row = rows.find(({ name }) => (id === 'netvm' ? /net/i : /gala/).test(name))
        return symbolsIn(row?.status ?? '')[0]?.status ?? '🚧'
      })
      const only = (text: string): string => text.replaceAll(/^(\| [^|]* \|)[^|]*\|/gm, '$1')
      assert.equal(only(stays.page), only(page))
      const { page: once } = editPage(page, FEW, to)
      assert.equal(only(once), only(page))
      assert.equal(editPage(once, FEW, to).page, once)
      if (rows.every(({ name, status }) => !/net|gala/i.test(name) || symbolsIn(status)[0]?.status === '🚧'))
        assert.equal(once, page)
    }),
    { numRuns: 10_000 },
  )
})

const REAL = new URL('../../../shared/ghaf/features-page.md', import.meta.url)
test('the real page: every row has its feature, and only status cells change', { skip: !existsSync(REAL) }, () => {
  const page = readFileSync(REAL, 'utf8')
  const { page: edited, changes, unclear, missing } = editPage(page, FEATURES, always('🚧'))
  assert.deepEqual([changes.length, unclear, missing], [17, [], []])
  const old = changes.reduce((text, { before, after }) => text.replace(after, () => before), edited)
  assert.equal(old, page)
  for (const { before, after } of changes)
    assert.deepEqual(
      before.split('|').filter((_, n) => n !== 2),
      after.split('|').filter((_, n) => n !== 2),
    )
})
