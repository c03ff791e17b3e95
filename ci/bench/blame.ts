import { classOf } from '../../src/base/fault.ts'
import { humanDuration } from '../../src/base/text.ts'
import type { FaultCode } from '../../src/base/fault-codes.ts'
import type { Blamed } from './blame/blamed.ts'
import { WRONG } from './blame/from-start.ts'
import { FAULTS } from './blame/in-test.ts'
import { strikeFromStart } from './blame/strike-from-start.ts'
import { strikeInTest } from './blame/strike-in-test.ts'
import type { Bench, Part } from './lib/bench.ts'
import { measured } from './lib/row.ts'

/**
 * Whether what goes wrong is blamed on whoever did it, and how long the board is lost by it: a table of injected fault →
 * class expected → what was reported → recovered in. Faults strike in the middle of a test, in other moments of a run, or are
 * there from its start; every class has one, but `internal`: that would be a mistake of ours.
 *
 * On the tiny twin, which boots in seconds. Each fault once: an answer needs no median.
 */
export default {
  title: 'blame: injected faults, whose they are said to be, and how long until the board is of use again',
  parts: [
    ...FAULTS.map(fault => part(fault.name, fault.codes, () => strikeInTest(fault))),
    ...WRONG.map(wrong => part(wrong.name, wrong.codes, () => strikeFromStart(wrong))),
  ],
} satisfies Bench

function part(name: string, codes: readonly FaultCode[], strike: () => Promise<Blamed>): Part {
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
        measured({ name: `${name}: ${recoveredBy}`, unit: 's', values: [recoveredMs / 1000] }),
      ]
    },
  }
}
