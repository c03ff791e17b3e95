import { Fault } from '../../base/fault.ts'
import { literalOf } from './literal.ts'
import { measure } from './measure.ts'
import { parsed } from './parsed.ts'
import { toBytes } from './to-bytes.ts'

/** A pattern made ready for a stream of bytes, of which any number may have arrived. */
export interface Pattern {
  /** Sees bytes as Latin-1; global, so that a search can begin anywhere. */
  readonly regexp: RegExp
  /** A match is never longer. */
  readonly mostBytes: number
  /**
   * It asks for the end of what was said (`$`), as a prompt does: whether it matches then depends on what has arrived.
   * Every other pattern matches the same bytes however they come.
   */
  readonly atEnd: boolean
  /** A text that is in every match. */
  readonly literal: string | undefined
}

/** Steps a match may take at one place of the text: three independent parts of some dozen lengths each. */
const MOST_STEPS = 100_000

/**
 * Prepares a pattern, or refuses it with an error that says how to write it right.
 *
 * Refused are those whose match would be what happens to have arrived (`.*`, `\d+`, an end that may grow), that could
 * take for ever (nested or many variable parts), and those that mean more than bytes (`\p{…}`). Text beyond ASCII is
 * taken as UTF-8. Errors: `test/misuse`.
 */
export function prepare(pattern: RegExp, mostBytes: number): Pattern {
  const known = prepared.get(pattern)
  if (known && known.mostBytes <= mostBytes) return known
  const tree = parsed(pattern)
  const { most, steps, tail, atEnd, problem } = measure(tree, pattern)
  const refuse = (seen: string, next: string): never => {
    throw new Fault('test/misuse', {
      expected: 'a console pattern whose match has a definite end',
      seen: `${pattern}: ${seen}`,
      next,
    })
  }
  if (problem) refuse(problem.seen, problem.next)
  if (most > mostBytes)
    refuse(
      `it may match ${most} bytes, of ${mostBytes} at most`,
      'give its repetitions smaller limits, or wait for its parts one after the other',
    )
  if (steps > MOST_STEPS)
    refuse(
      'its repetitions multiply: a long line could take for ever',
      'give nested repetitions smaller limits, or let each begin with a character that ends the one before: (?:[a-z]{1,9},){0,9}',
    )
  if (tail)
    refuse(
      `it ends in ${tail}, which matches as much as happens to have arrived`,
      String.raw`let it end in what follows: ([\d.]{1,15})\r?\n, or a space; leave out an optional end`,
    )
  const flags = `g${pattern.flags.replaceAll(/[^ims]/g, '')}`
  const result = {
    regexp: new RegExp(toBytes(tree, pattern), flags),
    mostBytes: most,
    atEnd,
    literal: literalOf(tree, pattern),
  }
  prepared.set(pattern, result)
  return result
}

/** Refuses `$` where it has no meaning: for a suite, what happens to have arrived ends nowhere. Errors: `test/misuse`. */
export function refuseEndOfText(pattern: RegExp): void {
  if (!measure(parsed(pattern), pattern).atEnd) return
  throw new Fault('test/misuse', {
    expected: 'a console pattern whose match has a definite end',
    seen: `${pattern}: $ asks for the end of what happens to have arrived`,
    next: String.raw`write what follows instead: \r?\n for the end of a line`,
  })
}

/** Patterns are written once and waited for often. */
const prepared = new WeakMap<RegExp, Pattern>()
