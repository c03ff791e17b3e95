import { classOf } from '../../../src/base/fault.ts'
import { story, type Ended } from '../../e2e/hil.ts'
import { Lab } from '../../e2e/lab.ts'
import { cellsOf, of, resultsOf } from '../../e2e/verdicts.ts'
import { boardFor, type Injected } from './in-test.ts'
import { StallingProxy } from './stalling-proxy.ts'
import { exitOf, type Blamed } from './blamed.ts'

/** The first command of a test is under way then: that a test begins is told a moment before. */
const INTO_TEST_MS = 2000

/** Has a fault strike in the middle of a test, and looks at what is said of it and of the test behind. */
export async function strikeInTest(fault: Injected): Promise<Blamed> {
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
  const confusions = confusionsIn(fault, ended)
  const rungs = of(ended.events, 'recovery').filter(({ state }) => state === 'end')
  let recoveredMs: number | undefined = rungs.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)
  if (fault.recoversBy === 'next run') {
    const fromMs = Date.now()
    const next = await lab.startRun(bench, ['--feature', 'quick']).ended
    if (next.exitCode !== 0) confusions.push(`the next run ended with ${next.exitCode}`)
    recoveredMs = Date.now() - fromMs
  } else if (cellsOf(ended)['quick'] !== 'pass') confusions.push(`the next test: ${cellsOf(ended)['quick']}`)
  return {
    reported: resultsOf(ended).get('long: it waits')?.fault?.code ?? 'nothing',
    ...(fault.inject && { noticedMs: at(ended, 'it waits') - injectedMs }),
    recoveredBy: rungs.map(({ rung }) => rung).join(', ') || (fault.recoversBy ?? 'nothing needed'),
    recoveredMs,
    confusions,
    story: story(ended),
  }
}

/** What was said of a fault that is not so. */
function confusionsIn({ codes }: Injected, ended: Ended): string[] {
  const seen = resultsOf(ended).get('long: it waits')
  const wrong: string[] = []
  const whose = classOf(codes[0]!)
  if (!seen?.fault || !codes.includes(seen.fault.code))
    wrong.push(`the test it struck: ${seen?.fault?.code ?? seen?.verdict}`)
  if (seen?.verdict !== (whose === 'product' ? 'fail' : 'error')) wrong.push(`its verdict: ${seen?.verdict}`)
  const others = of(ended.events, 'fault').filter(({ blame }) => blame !== whose)
  for (const { fault } of others) wrong.push(`beside it: ${fault.code}`)
  if (ended.exitCode !== exitOf(codes)) wrong.push(`exit code ${ended.exitCode}`)
  return wrong
}

/** When a test's result was told. */
function at({ events }: Ended, title: string): number {
  const told = events.find(event => event.type === 'test' && event.result.title === title)
  return Date.parse(told?.at ?? '')
}
