import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Evidence } from '../../model/cell.ts'
import type { Feature } from '../../model/feature.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'
import { blockersTogether } from './blockers.ts'
import type { Gate } from './gate.ts'
import { found, reportOf, row } from './test-kit.ts'

const ORIN = row(['Orin'])
const X86 = row(['x86'])
const now = (type: string, verdict: Evidence['verdict'], age = 2, more = {}): Evidence =>
  found('v26.08', verdict, age, { type, ...more })

function gate(feature: Feature, evidence: Evidence[], waivers: PlacedWaiver[] = []): Gate {
  return reportOf(feature, evidence, {}, { waivers }).gate
}

function says({ open }: Gate): string[] {
  return open.map(({ kind, types, word }) => `${kind} ${types.join('|') || word}`)
}

function waiver(scope: string[], more: Partial<PlacedWaiver> = {}): PlacedWaiver {
  const words = { approver: 'Ada Example', reason: 'known and harmless', expires: '2026-12-31' }
  return { feature: 'f', scope, ...words, where: 'waivers.yaml:2', ...more }
}

const CASES: [string, Feature, Evidence[], string[]][] = [
  ['proven', ORIN, [now('orin', 'pass')], []],
  ['broken', ORIN, [now('orin', 'fail')], ['broken orin']],
  ['never tested', ORIN, [], ['unproven orin']],
  ['without a suite', row(['Orin'], { suite: undefined }), [], ['unproven orin']],
  ['proven too long ago', ORIN, [now('orin', 'pass', 15)], ['stale orin']],
  [
    'proven on an older build',
    ORIN,
    [now('orin', 'pass', 3, { build: 'rc' }), now('orin', 'pass', 2, { feature: 'g' })],
    ['stale orin'],
  ],
  ['proven by the release before only', ORIN, [found('v26.07', 'pass', 2)], ['unproven orin']],
  ['proven by a twin only', ORIN, [now('orin', 'pass', 2, { twin: true })], ['unproven orin']],
  ['any of two, one proven', X86, [now('x1', 'pass')], []],
  ['any of two, one fresh', X86, [now('x1', 'pass'), now('nuc', 'pass', 15)], []],
  ['any of two, none fresh', X86, [now('x1', 'pass', 16), now('nuc', 'pass', 15)], ['stale nuc|x1']],
  ['any of two, none tested', X86, [], ['unproven nuc|x1']],
  ['any of two, one broken', X86, [now('x1', 'pass'), now('nuc', 'fail')], ['broken nuc']],
  [
    'each of four',
    row(['All']),
    [now('orin', 'pass'), now('nuc', 'fail')],
    ['broken nuc', 'unproven imx8mp', 'unproven x1'],
  ],
  ['a device that no board type is', row(['Orin', 'riscv64']), [now('orin', 'pass')], ['unproven riscv64']],
  [
    'two words for one board type',
    row(['All', 'Lenovo X1']),
    ['orin', 'nuc', 'imx8mp'].map(t => now(t, 'pass')),
    ['unproven x1'],
  ],
  ['a prototype never tested', row(['Orin'], { maturity: 'prototype' }), [], []],
  ['a prototype that never passed', row(['Orin'], { maturity: 'prototype' }), [now('orin', 'fail')], []],
  [
    'a prototype that held before',
    row(['Orin'], { maturity: 'prototype' }),
    [found('v26.07', 'pass', 40), now('orin', 'fail')],
    ['broken orin'],
  ],
  ['a fail where the feature does not promise anything', ORIN, [now('orin', 'pass'), now('nuc', 'fail')], []],
]

describe('the release gate', () => {
  for (const [name, feature, evidence, expected] of CASES)
    it(`${name}: ${expected.join(', ') || 'open'}`, () => {
      const result = gate(feature, evidence)
      assert.deepEqual(says(result), expected)
      assert.equal(result.passes, expected.length === 0)
    })

  it('says in one line what is the same on several board types', () => {
    const { open } = gate(row(['All']), [now('nuc', 'fail')])
    assert.deepEqual(
      blockersTogether(open).map(({ kind, types, each }) => [kind, types.join(), each]),
      [
        ['broken', 'nuc', undefined],
        ['unproven', 'orin,imx8mp,x1', true],
      ],
    )
  })
})

const WAIVERS: [string, Feature, Evidence[], PlacedWaiver[], string[]][] = [
  ['of the board type', ORIN, [], [waiver(['orin'])], []],
  ['of the device word, in any case', ORIN, [], [waiver(['oRiN'])], []],
  ['of all', X86, [], [waiver(['all'])], []],
  ['of another feature', ORIN, [], [waiver(['orin'], { feature: 'g' })], ['unproven orin']],
  ['of another board type', ORIN, [], [waiver(['nuc'])], ['unproven orin']],
  ['of a broken one', ORIN, [now('orin', 'fail')], [waiver(['orin'])], []],
  ['of one of two that could prove it', X86, [], [waiver(['nuc'])], ['unproven nuc|x1']],
  ['of both, in two waivers', X86, [], [waiver(['nuc']), waiver(['x1'])], []],
  ['of both, by their word', X86, [], [waiver(['x86'])], []],
  ['of a device that no board type is', row(['riscv64']), [], [waiver(['riscv64'])], []],
  ['on its last day', ORIN, [], [waiver(['orin'], { expires: '2026-09-02' })], []],
  ['on the day after', ORIN, [], [waiver(['orin'], { expires: '2026-09-01' })], ['unproven orin']],
  ['for this release', ORIN, [], [waiver(['orin'], { line: 'v26.08' })], []],
  ['for another release', ORIN, [], [waiver(['orin'], { line: 'v26.07' })], ['unproven orin']],
]

describe('waivers', () => {
  for (const [name, feature, evidence, waivers, expected] of WAIVERS)
    it(`${name}: ${expected.join(', ') || 'waived'}`, () => {
      const result = gate(feature, evidence, waivers)
      assert.deepEqual(says(result), expected)
      assert.equal(result.waived.length > 0, expected.length === 0)
    })

  it('names the expired and the unused', () => {
    const expired = waiver(['orin'], { expires: '2026-08-31', where: 'w:1' })
    const unused = waiver(['x1'], { where: 'w:2' })
    const both = waiver(['nuc'], { expires: '2026-08-31', where: 'w:3' })
    const result = gate(ORIN, [], [expired, unused, both])
    assert.deepEqual([result.expired, result.unused], [[expired], [unused, both]])
  })

  it('is without use where nothing is in the way', () => {
    const idle = waiver(['all'])
    assert.deepEqual(gate(ORIN, [now('orin', 'pass')], [idle]).unused, [idle])
  })
})
