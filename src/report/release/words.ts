import type { Evidence } from '../../model/cell.ts'
import type { Status } from '../../model/status.ts'
import { short } from '../words.ts'
import { knownOf, type ChangeKind, type ReleaseCell } from './cell.ts'
import { blockersTogether } from './blockers.ts'
import type { Gate } from './gate.ts'
import type { ReleaseReport } from './release.ts'

/** What a kind of change is called, and what it means, for somebody who reads one report a month. */
export const CHANGES: Record<ChangeKind, { title: string; means: string }> = {
  broken: { title: 'Broken', means: 'Held in the release before and fails now.' },
  'fails-first': {
    title: 'Fails at its first test',
    means: 'Was not tested in the release before, so nobody knows since when.',
  },
  'still-broken': { title: 'Still broken', means: 'Failed in the release before and fails now.' },
  untested: { title: 'No longer tested', means: 'Was tested in the release before; nothing is known of this one.' },
  removed: { title: 'Removed', means: 'No longer promised.' },
  stale: {
    title: 'Holds on old evidence',
    means: 'Held before and when it was last tested, which is too long ago or was an older build.',
  },
  fixed: { title: 'Fixed', means: 'Failed in the release before and holds now.' },
  new: { title: 'Proven for the first time', means: 'Was not tested in the release before and holds now.' },
}

/** What a row's status means, in a word. */
export const STATUS_WORDS: Record<Status, string> = { '✅': 'proven', '🚧': 'open', '❌': 'broken' }

/** How something looks where colour and symbol are at hand: never by colour alone. */
export interface Look {
  readonly tone: 'pass' | 'fail' | 'open' | 'none'
  readonly mark: string
  readonly word: string
}

/** How a feature stands on a board type. */
export function cellLook({ now, reference, feature, old }: ReleaseCell): Look {
  const known = knownOf(now)
  if (now.issue) return { tone: 'fail', mark: '✗', word: 'known issue' }
  if (known === 'fails') return { tone: now.status === '❌' ? 'fail' : 'open', mark: '✗', word: 'fails' }
  if (known === 'holds') return { tone: 'pass', mark: '✓', word: old === undefined ? 'passes' : 'passes, old' }
  if (now.evidence) return { tone: 'open', mark: '○', word: openWord(now.evidence) }
  if (!reference) return { tone: 'none', mark: '·', word: '' }
  return { tone: 'none', mark: '○', word: feature.suite === undefined ? 'no test yet' : 'not tested' }
}

/** Why something with evidence is neither proven nor broken. */
function openWord({ verdict, untested }: Evidence): string {
  if (verdict === 'fail') return 'unconfirmed'
  return untested?.length ? 'partly tested' : 'expired'
}

/** The same before: less is known of it. */
export function beforeWord({ before }: ReleaseCell): string {
  if (!before) return '—'
  return { holds: 'passed', fails: 'failed', unknown: before.evidence ? openWord(before.evidence) : 'not tested' }[
    knownOf(before)
  ]
}

/** Why something is as it is: the rule, and what the board said. */
export function whyCell({ now, old, feature }: ReleaseCell): string {
  if (!now.evidence && now.status === '🚧')
    return feature.suite === undefined ? 'no test is written' : 'not tested with this release'
  const said = now.evidence?.verdict === 'fail' ? now.evidence.why : undefined
  return [now.why, ...(said === undefined ? [] : [said])].join(': ') + (old === undefined ? '' : ` (${old})`)
}

/** `Orin fails, 2026-08-30; Lenovo X1 not tested`. */
export function sayFindings(cells: readonly ReleaseCell[], title: (type: string) => string): string {
  const said = { pass: 'passes', fail: 'fails' }
  return cells
    .map(({ type, now: { evidence } }) =>
      evidence ? `${title(type)} ${said[evidence.verdict]}, ${day(evidence.at)}` : `${title(type)} not tested`,
    )
    .join('; ')
}

/** `run 20260830-081500-aa01 on nuc-1, 2026-08-30`. */
export function sayEvidence({ run, board, at }: Evidence): string {
  return `run ${run} on ${board}, ${day(at)}`
}

/** A feature's title without its Markdown, which is code at most. */
export function plain(title: string): string {
  return title.replaceAll('`', '')
}

/** `2026-08-30`. */
export function day(at: string): string {
  return new Date(at).toISOString().slice(0, 10)
}

/** Between which builds a feature turned: `1b2c3d4e5f60 → 6a7b8c9d0e1f`; undefined when no commit is known. */
export function between({ turn }: ReleaseCell): string | undefined {
  if (!turn || (turn.last.commit === null && turn.first.commit === null)) return undefined
  return `${short(turn.last.commit)} → ${short(turn.first.commit)}`
}

/** The answer in one sentence. */
export function summarySentence({ rows, to }: ReleaseReport): string {
  const n = (status: Status): number => rows.filter(({ row }) => row.status === status).length
  const broken = n('❌')
  const are = (count: number): string => (count === 1 ? 'is' : 'are')
  return `Of the ${rows.length} features of ${to}, ${n('✅')} ${are(n('✅'))} proven, ${broken} ${are(broken)} broken and ${n('🚧')} ${are(n('🚧'))} open.`
}

/** All changes, what needs attention first. */
export function changedCells({ rows }: ReleaseReport, kind: ChangeKind): ReleaseCell[] {
  return rows.flatMap(({ cells }) => cells.filter(({ change }) => change === kind))
}

/** The gate's answer in a sentence. */
export function gateSentence({ passes, open, waived }: Gate): string {
  const accepted = blockersTogether(waived.map(({ blocker }) => blocker)).length
  const more = accepted > 0 ? ` ${accepted} more ${accepted === 1 ? 'is' : 'are'} waived.` : ''
  if (passes) return `Nothing stands in the way of this release.${more}`
  const findings = blockersTogether(open)
  const n = (kind: string): number => findings.filter(blocker => blocker.kind === kind).length
  const parts = [
    [n('broken'), 'broken'],
    [n('unproven'), 'not proven'],
    [n('stale'), 'proven too long ago or on an older build'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return `${findings.length} ${findings.length === 1 ? 'finding stands' : 'findings stand'} in the way of this release: ${said.join(', ')}.${more}`
}
