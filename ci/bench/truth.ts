import { architectureRun, BREAKABLE, confusions, laptop, type Breakable } from '../e2e/laptop.ts'
import { SUITES } from '../e2e/ghaf.ts'
import type { Ended } from '../e2e/hil.ts'
import { Lab } from '../e2e/lab.ts'
import { cellsOf, of, resultsOf } from '../e2e/verdicts.ts'
import type { Bench, Part } from './lib/bench.ts'
import { measured } from './lib/row.ts'

let headSaid = false

/**
 * Whether the suites find what is broken, and only that: twins broken in one way each, and a sound one.
 *
 * Each part is a line of the confusion matrix. Not a figure that needs a median: everything is done once.
 */
export default {
  title:
    'truth: what the suites say of twins that are broken on purpose (P pass, F fail, B blocked, S skip, E error, M miss)',
  parts: [undefined, ...BREAKABLE].map(twin),
} satisfies Bench

function twin(broken: Breakable | undefined): Part {
  const name = broken ?? 'sound'
  return {
    name,
    async measure({ say }) {
      await using lab = await Lab.open()
      const faults = broken === undefined ? [] : [broken]
      const bench = lab.bench({ 'nuc-1': laptop(lab, faults) })
      const ended = await lab.startRun(bench, architectureRun(), { HIL_SUITES_DIR: SUITES }).ended
      const cells = cellsOf(ended, SUITES)
      if (!headSaid) for (const line of headOf(Object.keys(cells))) process.stderr.write(`${line}\n`)
      headSaid = true
      process.stderr.write(`${name.padEnd(WIDTH)}${Object.values(cells).map(letterOf).join(' ')}\n`)
      const wrong = confusions(cells, faults)
      if (ended.exitCode !== (broken === undefined ? 0 : 1)) wrong.push(`exit code ${ended.exitCode}`)
      for (const confusion of wrong) say(`confusion: ${confusion}`)
      if (wrong.length > 0) for (const line of reasonsOf(ended)) say(line)
      return [measured({ name: `${name}: confusions`, unit: 'answers', values: [wrong.length], target: { atMost: 0 } })]
    },
  }
}

const WIDTH = 26

/** The rows' names above their columns, which are too narrow for them: stairs. */
function headOf(ids: readonly string[]): string[] {
  return ids.map((id, column) => `${' '.repeat(WIDTH)}${'│ '.repeat(column)}${id}`)
}

function letterOf(cell: string): string {
  return cell.includes('blocked') ? 'B' : cell[0]!.toUpperCase()
}

function reasonsOf(ended: Ended): string[] {
  const faults = of(ended.events, 'fault').map(
    ({ fault }) => `${fault.code}: expected ${fault.expected}, seen ${fault.seen}`,
  )
  const tests = [...resultsOf(ended)]
    .filter(([, { verdict }]) => verdict !== 'pass' && verdict !== 'skip')
    .map(([test, { verdict, reason, fault }]) => `${test}: ${verdict}: ${reason ?? fault?.seen ?? ''}`)
  return [...faults, ...tests].map(line => line.slice(0, MAX_REASON_CHARS))
}

const MAX_REASON_CHARS = 500
