import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Evidence } from './cell.ts'
import { EvidenceLine } from './evidence-lines.ts'
import { isPlainEvidence } from './evidence-plain.ts'

const PLAIN: Evidence = {
  feature: 'netvm',
  type: 'orin',
  board: 'orin-1',
  twin: false,
  verdict: 'pass',
  at: '2026-09-01T08:00:00.000Z',
  run: 'r1',
  imageSha256: 'a'.repeat(64),
  commit: 'c0ffee',
  line: 'main',
  variant: 'debug',
}
const MORE: Partial<Evidence>[] = [
  {},
  { position: 0 },
  { reruns: { ran: 2, agreed: 0 } },
  { slice: { from: 0, to: 7 } },
  { verdict: 'fail', why: '' },
  { commit: null, line: null, variant: '' },
  { position: 7, reruns: { ran: 1, agreed: 1 }, slice: { from: 3, to: 3 }, why: 'x' },
  ...['2026-01-31', '2026-04-30', '2026-02-28', '2026-12-01'].map(day => ({ at: `${day}T23:59:59.999Z` })),
]

/** What a value of a line could be instead. */
const wrong: unknown[] = [
  ...['', 'x', 'A'.repeat(64), `${'a'.repeat(64)}\n`, 0, -1, 1.5, 2 ** 53, true, false, null, [], ['x'], {}],
  ...[{ from: 0 }, { from: 0, to: 1, more: 1 }, { from: -1, to: 1 }, { from: 0, to: 0.5 }, { from: '0', to: 1 }],
  ...[{ ran: 0, agreed: 0 }, { ran: 1, agreed: -1 }, { ran: 1 }, { ran: null, agreed: 1 }],
  ...['2026-02-29', '2026-02-30', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00', '2026-1-1'].flatMap(day => [
    `${day}T08:00:00.000Z`,
    `${day}T08:00:00Z`,
  ]),
  ...['24:00:00', '23:60:00', '23:59:60', '8:00:00', '08:00'].map(time => `2026-09-01T${time}.000Z`),
  ...['2026-09-01T08:00:00.000+02:00', '2026-09-01T08:00:00.000', 'x2026-09-01T08:00:00.000Z', 'undecided'],
]
const keys = [...Object.keys(EvidenceLine.shape), 'unknown', '__proto__']

describe('isPlainEvidence', () => {
  it('knows the form that lines have', () => {
    for (const more of MORE) assert.ok(isPlainEvidence(JSON.parse(JSON.stringify({ ...PLAIN, ...more }))))
  })

  it('never takes what the schema refuses, nor for something else than it', () => {
    const spoilt = fc.record({
      more: fc.constantFrom(...MORE),
      key: fc.constantFrom(...keys),
      value: fc.option(fc.constantFrom(...wrong), { nil: undefined }),
    })
    const holds = ({ more, key, value }: { more: Partial<Evidence>; key: string; value: unknown }): void => {
      const entries = Object.entries({ ...PLAIN, ...more }).filter(([name]) => name !== key)
      const json = `{${[...entries, [key, value] as const]
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
        .join(',')}}`
      const line: unknown = JSON.parse(json)
      if (!isPlainEvidence(line)) return
      assert.deepEqual(EvidenceLine.parse(line), line, json)
    }
    fc.assert(fc.property(spoilt, holds), { numRuns: 5000 })
    for (const key of keys) for (const value of [undefined, ...wrong]) holds({ more: MORE.at(-5)!, key, value })
  })

  it('is nothing that is no object', () => {
    for (const json of [null, 1, 'x', [], [PLAIN], {}]) assert.ok(!isPlainEvidence(json))
  })
})
