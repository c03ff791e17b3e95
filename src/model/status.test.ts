import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { readYaml } from '../base/schema.ts'
import type { Evidence } from './cell.ts'
import { FeatureFile, type Feature } from './feature.ts'
import { statusOf } from './status.ts'
import { AS_OF, failed, LABELS, row, seen } from './status-test-kit.ts'

const ROWS = readYaml('suites/features.yaml', FeatureFile, 'configuration/usage').data.features

const ORIN = row(['Orin'])
const X86 = row(['Orin', 'x86'])
const ALL = row(['All'])
const PROTOTYPE = row(['Orin'], { maturity: 'prototype' })

const CASES: [string, Feature, Evidence[], string, RegExp][] = [
  ['nothing seen', ORIN, [], '🚧', /never tested: orin/],
  ['no suite', row(['Orin'], { suite: undefined }), [], '🚧', /no suite/],
  ['a pass', ORIN, [seen('orin', 'pass', 1)], '✅', /^passes$/],
  ['a pass of a twin', ORIN, [seen('orin', 'pass', 1, { twin: true })], '🚧', /never tested/],
  ['a fail of a twin', ORIN, [seen('orin', 'pass', 2), seen('orin', 'fail', 1, { twin: true })], '✅', /passes/],
  ['a pass of an unproven image', ORIN, [seen('orin', 'pass', 1, { line: null })], '🚧', /never tested/],
  [
    'a fail of a pull request',
    ORIN,
    [seen('orin', 'pass', 2), seen('orin', 'fail', 1, { line: 'pr-7' })],
    '✅',
    /passes/,
  ],
  ['a pass of another feature', ORIN, [seen('orin', 'pass', 1, { feature: 'g' })], '🚧', /never tested/],
  ['a pass on another type', ORIN, [seen('nuc', 'pass', 1)], '🚧', /never tested/],
  ['a pass after the time asked about', ORIN, [seen('orin', 'pass', -1)], '🚧', /never tested/],
  ['any of several types', X86, [seen('orin', 'pass', 1), seen('x1', 'pass', 1)], '✅', /passes/],
  ['one of two words unproven', X86, [seen('orin', 'pass', 1)], '🚧', /^never tested: nuc, x1$/],
  [
    'one type of "any of" broken',
    X86,
    ['orin', 'x1'].map(t => seen(t, 'pass', 1)).concat(failed('nuc', 1)),
    '❌',
    /nuc/,
  ],
  ['not all of all types', ALL, ['orin', 'nuc', 'x1'].map(t => seen(t, 'pass', 1)), '🚧', /never tested: imx8mp/],
  ['all of all types', ALL, ['orin', 'nuc', 'x1', 'imx8mp'].map(t => seen(t, 'pass', 1)), '✅', /passes/],
  [
    'a word of no board type',
    row(['Orin', 'riscv64']),
    [seen('orin', 'pass', 1)],
    '🚧',
    /no board type here is riscv64/,
  ],
  ['a word nobody knows', row(['Orin', 'Abacus']), [seen('orin', 'pass', 1)], '🚧', /no board type here is Abacus/],
  ['a broken board beside an unknown word', row(['Orin', 'riscv64']), [failed('orin', 1)], '❌', /orin/],
  ['a first fail of what is declared integrated', ORIN, [failed('orin', 1)], '❌', /though declared integrated/],
  ['a first fail of a prototype', PROTOTYPE, [failed('orin', 1)], '🚧', /still a prototype/],
  [
    'a prototype that passed before',
    PROTOTYPE,
    [seen('orin', 'pass', 3), failed('orin', 1)],
    '❌',
    /passed until 2026-08-29/,
  ],
  ['a prototype that passes', PROTOTYPE, [seen('orin', 'pass', 1)], '🚧', /proposed for promotion/],
  ['a fail, then a pass', ORIN, [seen('orin', 'fail', 3), seen('orin', 'pass', 1)], '✅', /passes/],
  ['the same in another order', ORIN, [seen('orin', 'pass', 1), seen('orin', 'fail', 3)], '✅', /passes/],
  ['a pass of 15 days ago', ORIN, [seen('orin', 'pass', 15)], '✅', /stale on orin/],
  ['a pass of 45 days ago', ORIN, [seen('orin', 'pass', 45)], '✅', /stale/],
  ['a pass of 46 days ago', ORIN, [seen('orin', 'pass', 46)], '🚧', /no longer tested, passed until 2026-07-17/],
  ['a fail of a year ago', ORIN, [failed('orin', 365)], '❌', /orin/],
]

describe('statusOf', () => {
  for (const [name, feature, evidence, status, why] of CASES)
    it(`${status} ${name}`, () => {
      const row = statusOf(feature, evidence, LABELS, AS_OF)
      assert.equal(row.status, status, row.why)
      assert.match(row.why, why)
    })

  it('shows twins in a place of their own, and proposes promotions', () => {
    const evidence = [
      seen('orin', 'pass', 2),
      seen('nuc', 'pass', 2, { twin: true }),
      seen('nuc', 'fail', 1, { twin: true }),
    ]
    const { twins, perType, proposed } = statusOf(PROTOTYPE, evidence, LABELS, AS_OF)
    assert.deepEqual(
      twins.map(t => `${t.type} ${t.status}`),
      ['orin never', 'nuc fail'],
    )
    assert.deepEqual(
      perType.map(t => [t.type, t.status, t.evidence?.run]),
      [['orin', '✅', 'r-2']],
    )
    assert.ok(proposed)
  })

  it('does not depend on the order of evidence, nor on anything but the line it is about', () => {
    const line = fc
      .tuple(
        fc.constantFrom('orin', 'nuc', 'x1', 'imx8mp'),
        fc.constantFrom<'pass' | 'fail'>('pass', 'fail'),
        fc.nat(60),
        fc.boolean(),
        fc.constantFrom(undefined, 0, 1, 2),
      )
      .map(([type, verdict, age, twin, agreed]) =>
        seen(type, verdict, age, { twin, ...(agreed !== undefined && { reruns: { ran: 2, agreed } }) }),
      )
    const lines = fc.uniqueArray(line, { maxLength: 12, selector: e => `${e.run} ${e.board}` })
    fc.assert(
      fc.property(lines, fc.constantFrom(...ROWS), (lines, feature) => {
        const evidence = lines.map(e => ({ ...e, feature: feature.id }))
        const status = statusOf(feature, evidence, LABELS, AS_OF)
        assert.deepEqual(statusOf(feature, evidence.toReversed(), LABELS, AS_OF), status)
        const hardware = evidence.filter(e => !e.twin)
        assert.equal(statusOf(feature, hardware, LABELS, AS_OF).status, status.status)
        if (status.status === '✅') assert.ok(status.perType.some(t => t.evidence?.verdict === 'pass'))
        if (status.status === '❌') assert.ok(status.perType.some(t => t.evidence?.verdict === 'fail'))
      }),
    )
  })
})

describe('the rows and labels that ship', () => {
  it('are the 34 rows of the page, in its sections', () => {
    const sections = Object.entries(Object.groupBy(ROWS, ({ section }) => section)).map(([, rows]) => rows?.length)
    assert.deepEqual(sections, [9, 6, 14, 5])
  })

  it('use only device words that are explained', () => {
    const known = Object.keys(LABELS).map(label => label.toLowerCase())
    for (const { id, devices } of ROWS)
      for (const word of devices)
        assert.ok(known.includes(word.toLowerCase()), `${id}: devices/labels.yaml has no ${word}`)
  })

  it('complain about two rows of one id, unknown requirements and circles', () => {
    const features = [
      row(['Orin'], { id: 'a', requires: ['b'] }),
      row(['Orin'], { id: 'b', requires: ['a', 'z'] }),
      row(['Orin'], { id: 'c' }),
      row(['Orin'], { id: 'c' }),
    ]
    const { error } = FeatureFile.safeParse({ features })
    assert.deepEqual(
      error?.issues.map(issue => issue.message),
      [
        "'a' requires itself in the end",
        "'z' is no feature of this file",
        "'b' requires itself in the end",
        "'c' is there twice",
      ],
    )
  })
})
