import { classOf, codeIn } from '../../../src/base/fault.ts'
import { story, type Ended } from '../../e2e/hil.ts'
import { Lab } from '../../e2e/lab.ts'
import { faultRecords } from '../../e2e/verdicts.ts'
import { exitOf, type Blamed } from './blamed.ts'
import type { Wrong } from './from-start.ts'

/** Runs on a board with which something is wrong, looks at what is said of it, puts it right, and runs again. */
export async function strikeFromStart(wrong: Wrong): Promise<Blamed> {
  await using lab = await Lab.open()
  const ended = await strike(wrong, lab)
  const seen = codesIn(ended)
  const confusions: string[] = []
  const whose = classOf(wrong.codes[0]!)
  if (!seen.some(code => wrong.codes.includes(code))) confusions.push(`it was called ${seen.join(', ') || 'nothing'}`)
  for (const other of seen.filter(code => classOf(code) !== whose)) confusions.push(`beside it: ${other}`)
  if (ended.exitCode !== exitOf(wrong.codes)) confusions.push(`exit code ${ended.exitCode}`)
  const fromMs = Date.now()
  const sound = lab.bench({ 'nuc-1': lab.board() })
  const next = await lab.startRun(sound, ['--feature', 'quick', '--wait', '1']).ended
  if (next.exitCode !== 0) confusions.push(`the next run ended with ${next.exitCode}: ${codesIn(next).join(', ')}`)
  return {
    reported: seen[0] ?? 'nothing',
    recoveredBy: 'next run',
    recoveredMs: Date.now() - fromMs,
    confusions,
    story: story(ended),
  }
}

async function strike({ change, feature = 'quick', args = [], before, during }: Wrong, lab: Lab): Promise<Ended> {
  const bench = lab.bench({ 'nuc-1': lab.board(await change?.(lab)) })
  await using _before = await before?.(lab, bench)
  const hil = lab.startRun(bench, ['--feature', feature, ...args])
  await during?.(hil, lab)
  return await hil.ended
}

/** Of its events; of what it complained of, where no run was begun. */
function codesIn(ended: Ended) {
  const told = faultRecords(ended).map(({ code }) => code)
  const complaint = codeIn(ended.stderr)
  return told.length > 0 || complaint === undefined ? told : [complaint]
}
