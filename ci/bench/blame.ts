import { classOf } from '../../src/base/fault.ts'
import { humanDuration } from '../../src/base/text.ts'
import type { FaultCode } from '../../src/base/fault-codes.ts'
import type { Blamed } from './blame/blamed.ts'
import { WRONG } from './blame/from-start.ts'
import { FAULTS } from './blame/in-test.ts'
import { strikeFromStart } from './blame/strike-from-start.ts'
import { strikeInTest } from './blame/strike-in-test.ts'
import type { Bench, Part } from './lib/bench.ts'
import { measured, type Row } from './lib/row.ts'

/**
 * Whether what goes wrong is blamed on whoever did it, and how long the board is lost by it: a table of injected fault →
 * class expected → what was reported, and how soon → recovered in. Faults strike in the middle of a test, in other moments of a
 * run, or are there from its start; every class has one, but `internal`: that would be a mistake of ours.
 *
 * On the tiny twin, which boots in seconds. Each fault once: an answer needs no median.
 */
export default {
  title: 'blame: injected faults, whose they are said to be, and how long until the board is of use again',
  parts: [
    ...FAULTS.map(fault => part(fault, () => strikeInTest(fault))),
    ...WRONG.map(wrong => part(wrong, () => strikeFromStart(wrong))),
  ],
} satisfies Bench

/** Something that goes wrong, and what may be said of it; `withinS`: how soon. */
interface Wrong {
  readonly name: string
  readonly codes: readonly FaultCode[]
  readonly withinS?: number
}

function part({ name, codes, withinS }: Wrong, strike: () => Promise<Blamed>): Part {
  return {
    name: name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
    async measure({ say }) {
      const { reported, noticedMs, recoveredBy, recoveredMs, confusions, story } = await strike()
      for (const confusion of confusions) say(`confusion: ${confusion}\n${story}`)
      const noticed = noticedMs === undefined ? '' : ` after ${humanDuration(noticedMs)}`
      say(`${classOf(codes[0]!)} → ${reported}${noticed} → ${recoveredBy}, ${humanDuration(recoveredMs)}`)
      const told = `${name}: ${classOf(codes[0]!)} → ${reported}`
      return [
        measured({ name: `${told}: confusions`, unit: 'answers', values: [confusions.length], target: { atMost: 0 } }),
        ...(noticedMs === undefined || withinS === undefined ? [] : [noticedRow(name, noticedMs, withinS)]),
        measured({ name: `${name}: ${recoveredBy}`, unit: 's', values: [recoveredMs / 1000] }),
      ]
    },
  }
}

function noticedRow(name: string, ms: number, atMost: number): Row {
  return measured({ name: `${name}: noticed`, unit: 's', values: [ms / 1000], target: { atMost } })
}
