import { shellLine } from '../base/text.ts'
import type { Cell, RunMatrix } from '../model/cell.ts'
import { failRate, isSuspect } from '../model/confidence.ts'
import type { TestResult } from '../model/event.ts'
import type { Problem } from './page-data.ts'
import { blameOf, whose } from './words.ts'

const MAX_SEEN_LINES = 8

/** What a test found wrong: its fault, or what its expectation said. Undefined: nothing, or it was blocked. */
export function testProblem(test: TestResult): Problem | undefined {
  const { verdict, fault, blame, reason, title, steps } = test
  if (verdict === 'pass' || verdict === 'skip') return undefined
  const code = blameOf({ ...(fault && { fault }), ...(blame && { blame }) }) ?? verdict
  if (fault) return { ...fault, whose: whose(blame ?? fault.code.split('/')[0] ?? '') }
  const where = steps?.findLast(({ error, where }) => error !== undefined && where !== undefined)?.where
  return {
    code,
    whose: whose(blame ?? ''),
    ...expectationOf(reason ?? '', title),
    next: `look at its commands and its console; what is promised stands in ${where ? `suites/${where}` : 'its suite'}`,
    evidence: [],
  }
}

/** What a cell's verdict rests on: the first of its tests that has it, or what struck outside them. */
export function cellProblem(cell: Cell): Problem | undefined {
  const { verdict, blockedBy, fault, blame, reason, tests } = cell
  if (blockedBy !== undefined || verdict === 'pass' || verdict === 'skip') return undefined
  const found = tests.find(test => test.verdict === verdict)
  if (found && (!fault || found.fault?.code === fault.code)) return testProblem(found)
  if (fault) return { ...fault, whose: whose(blame ?? fault.code.split('/')[0] ?? '') }
  const seen = reason ?? 'no reason is known'
  const next = 'run it again; what happened to its board stands beside the tests'
  return { code: blame ?? verdict, whose: whose(blame ?? ''), expected: 'its tests to run', seen, next, evidence: [] }
}

/** What looking again at a failure and comparing it said, and who knows of it already; each with its label. */
export function whatElse(cell: Cell): (readonly [label: string, text: string])[] {
  const { verdict, reruns, known, disagrees, attribution } = cell
  const whose = attribution ? [['whose', `${attribution.is}: ${attribution.why}`] as const] : []
  if (verdict !== 'fail') return whose
  const suspect = reruns && isSuspect({ verdict, reruns })
  return [
    ...(reruns ? [['again', `${suspect ? 'flaky: ' : ''}${failRate(reruns)}`] as const] : []),
    ...whose,
    ...(disagrees ? [['but', `the same image passes on ${disagrees.join(', ')}`] as const] : []),
    ...(known !== undefined ? [['known', `${known}: the run does not fail by it`] as const] : []),
  ]
}

/** An expectation's message as what was expected and what was seen; one in another form is what was seen of the title. */
export function expectationOf(message: string, title: string): Pick<Problem, 'expected' | 'seen'> {
  const text = message.replace(/^Error: /, '')
  const [, expected, between = '', received] =
    /^expected[^:\n]*: *(.*)\n([^]*?)^received[^:\n]*: *([^]*)$/im.exec(text) ?? []
  const headline = text.split('\n')[0] ?? ''
  if (expected === undefined || received === undefined)
    return { expected: title, seen: firstLines(text) || 'nothing was said' }
  const [, target, not, argument] = /^expect\((.+?)\)\.(not\.)?toRun\((.*)\)$/.exec(headline) ?? []
  const subject =
    argument !== undefined
      ? `${not ? 'not ' : ''}${argument} on ${target}`
      : headline.startsWith('expect(')
        ? ''
        : headline
  const whole = [expected, ...between.split('\n')].filter(line => line.trim()).join('\n')
  return { expected: subject ? `${subject}: ${whole}` : whole, seen: firstLines(received.replace(/^stderr: ""$/m, '')) }
}

function firstLines(text: string): string {
  const lines = text.trim().split('\n')
  return lines.length > MAX_SEEN_LINES ? [...lines.slice(0, MAX_SEEN_LINES), '…'].join('\n') : lines.join('\n')
}

/** The command line that tries a cell again, and nothing else: on what is on the board, if that was flashed whole. */
export function tryAgain({ feature, board }: Cell, { command = [], bench, boards }: RunMatrix): string {
  const flashed = boards.find(({ board: name }) => name === board)?.flash === 'verified'
  const kept = [...wordsOf(command, ['--bench']), ...(flashed ? ['--no-flash'] : wordsOf(command, ['-i', '--image']))]
  const named = kept.some(word => word.startsWith('--bench')) || bench === '' || bench === 'virtual'
  return shellLine([
    'hil',
    'run',
    '--device',
    board,
    '--feature',
    feature,
    ...(named ? [] : ['--bench', bench]),
    ...kept,
  ])
}

/** The options of these names, with their values. */
function wordsOf(command: readonly string[], names: readonly string[]): string[] {
  return command.filter(
    (word, index) =>
      names.includes(word) ||
      names.includes(command[index - 1] ?? '') ||
      names.some(name => word.startsWith(`${name}=`)),
  )
}
