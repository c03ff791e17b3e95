import type { Recording } from '../recording.ts'
import { KERNEL_PATTERNS } from './kernel-patterns.ts'
import { LOADER_PATTERNS } from './loader-patterns.ts'
import type { TroublePattern } from './pattern.ts'

/** A line of trouble seen on a console. */
export interface Sighting {
  readonly pattern: TroublePattern
  /** Where its message begins in the recording. */
  readonly offset: number
  /** The message, without its time; at most 200 characters. */
  readonly line: string
}

/** A longer line is judged in pieces. */
const MAX_LINE_BYTES = 8192
/** What of a piece is looked at again with the next one: longer than any pattern needs. */
const OVERLAP_BYTES = 512
const MAX_QUOTE_CHARS = 200

/** Both tables, in the order of the groups of `SIGHTING`. */
const ALL: readonly TroublePattern[] = [
  ...LOADER_PATTERNS,
  ...KERNEL_PATTERNS.filter(({ severity }) => severity === 'fatal'),
  ...KERNEL_PATTERNS,
]

const groups = (patterns: readonly TroublePattern[]): string => patterns.map(p => `(${p.pattern.source})`).join('|')

/**
 * Every pattern at the places where a message can begin: a line's beginning, behind colours; or, for the kernel, its time
 * stamp wherever it stands, because another writer's text may be in front. A time behind `<4>` is a quoted log.
 *
 * One expression that tries the patterns at those places only: 30 of them cost little more than one.
 */
const SIGHTING = new RegExp(
  [
    `^(?:\\u001b\\[[\\d;?]{0,12}[A-Za-z]){0,8}(?:${groups(ALL.slice(0, -KERNEL_PATTERNS.length))})`,
    `(?<!<\\d{1,2}>)\\[ {0,5}\\d{1,7}\\.\\d{6}\\](?:\\[ {0,6}[CT]\\d{1,8}\\])? (?:${groups(KERNEL_PATTERNS)})`,
  ].join('|'),
  'gm',
)

/** Finds lines of trouble in what a console says from now on, until disposed; each is told once, when it is complete. */
export function watchLines(recording: Recording, onSighting: (sighting: Sighting) => void): Disposable {
  let from = recording.end
  let told = -1
  let midLine = false
  return recording.follow((chunk, end) => {
    const newline = chunk.lastIndexOf(0x0a)
    const to = newline >= 0 ? end - chunk.length + newline + 1 : end
    if (newline < 0 && end - from < MAX_LINE_BYTES) return
    const text = recording.slice(from, to).toString('latin1')
    // Where a piece of a line begins, no message does.
    for (const sighting of midLine ? sightingsIn(`.${text}`, from - 1) : sightingsIn(text, from)) {
      if (sighting.offset <= told) continue
      told = sighting.offset
      onSighting(sighting)
    }
    midLine = newline < 0
    from = midLine ? to - OVERLAP_BYTES : to
  })
}

/** The lines of trouble in a piece of a recording that begins at an offset. */
export function* sightingsIn(text: string, offset = 0): Generator<Sighting> {
  for (const match of text.matchAll(SIGHTING)) {
    const group = match.findIndex((part, n) => n > 0 && part !== undefined)
    const message = match.index + match[0].length - match[group]!.length
    const line = /^[^\r\n]*/.exec(text.slice(message, message + MAX_QUOTE_CHARS))![0]
    yield { pattern: ALL[group - 1]!, offset: offset + message, line }
  }
}
