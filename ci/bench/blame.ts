import { classOf } from '../../src/base/fault.ts'
import { story, type Ended } from '../e2e/hil.ts'
import { Lab } from '../e2e/lab.ts'
import { cellsOf, of, resultsOf } from '../e2e/verdicts.ts'
import { boardFor, FAULTS, type Injected } from './blame/faults.ts'
import { StallingProxy } from './blame/stalling-proxy.ts'
import type { Bench, Part } from './lib/bench.ts'
import { measured, type Row } from './lib/row.ts'

/** The first command of a test is under way then: that a test begins is told a moment before. */
const INTO_TEST_MS = 2000

/**
 * Whether a fault in the middle of a test is blamed on whoever did it, and how long the board is lost to the next test: a table
 * of injected fault → what was reported → recovered in.
 *
 * On the tiny twin, which boots in seconds. Each fault once: an answer needs no median.
 */
export default {
  title:
    'blame: faults in the middle of a test, whose they are said to be, and how long until the next test has a board',
  parts: FAULTS.map(partOf),
} satisfies Bench

function partOf(fault: Injected): Part {
  return {
    name: fault.name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
    async measure({ say }): Promise<readonly Row[]> {
      await using lab = await Lab.open()
      using proxy = await StallingProxy.to(lab.port)
      const bench = lab.bench({ 'nuc-1': boardFor(fault, lab, proxy) })
      const hil = lab.startRun(bench, ['--feature', 'image', '--feature', 'long', '--feature', 'quick'])
      await hil.testBegins('it waits')
      if (fault.inject) {
        await new Promise(resolve => setTimeout(resolve, INTO_TEST_MS))
        await fault.inject(lab, proxy)
      }
      const injectedMs = Date.now()
      const ended = await hil.ended
      const wrong = confusions(fault, ended)
      if (fault.recoversBy === 'next run') {
        const next = await lab.startRun(bench, ['--feature', 'quick']).ended
        if (next.exitCode !== 0) wrong.push(`the next run ended with ${next.exitCode}`)
      } else if (cellsOf(ended)['quick'] !== 'pass') wrong.push(`the next test: ${cellsOf(ended)['quick']}`)
      for (const confusion of wrong) say(`confusion: ${confusion}\n${story(ended)}`)
      const seen = resultsOf(ended).get('long: it waits')
      const rungs = of(ended.events, 'recovery').filter(({ state }) => state === 'end')
      const backMs = rungs.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)
      const noticedMs = at(ended, 'it waits') - injectedMs
      const how = rungs.map(({ rung }) => rung).join(', ') || (fault.recoversBy ?? 'nothing needed')
      const noticed = fault.inject ? ` after ${(noticedMs / 1000).toFixed(1)} s` : ''
      say(`${seen?.fault?.code}${noticed} → ${how}, ${(backMs / 1000).toFixed(1)} s`)
      return [
        measured({ name: `${fault.name}: confusions`, unit: 'answers', values: [wrong.length], target: { atMost: 0 } }),
        ...(rungs.length > 0
          ? [measured({ name: `${fault.name}: recovered in`, unit: 's', values: [backMs / 1000] })]
          : []),
      ]
    },
  }
}

/** What was said of a fault that is not so. */
function confusions({ codes }: Injected, ended: Ended): string[] {
  const seen = resultsOf(ended).get('long: it waits')
  const wrong: string[] = []
  const whose = classOf(codes[0]!)
  if (!seen?.fault || !codes.includes(seen.fault.code))
    wrong.push(`the test it struck: ${seen?.fault?.code ?? seen?.verdict}`)
  if (seen?.verdict !== (whose === 'product' ? 'fail' : 'error')) wrong.push(`its verdict: ${seen?.verdict}`)
  const others = of(ended.events, 'fault').filter(({ blame }) => blame !== whose)
  for (const { fault } of others) wrong.push(`beside it: ${fault.code}`)
  if (ended.exitCode !== (whose === 'product' ? 1 : 3)) wrong.push(`exit code ${ended.exitCode}`)
  return wrong
}

/** When a test's result was told. */
function at({ events }: Ended, title: string): number {
  const told = events.find(event => event.type === 'test' && event.result.title === title)
  return Date.parse(told?.at ?? '')
}
