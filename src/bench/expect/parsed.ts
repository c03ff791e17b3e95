import { RegExpParser, type AST } from '@eslint-community/regexpp'
import { Fault } from '../../base/fault.ts'

/** The syntax tree of a pattern. Errors: `test/misuse` for flag `v`, whose sets of strings a console has no use for. */
export function parsed(pattern: RegExp): AST.Pattern {
  if (pattern.unicodeSets)
    throw new Fault('test/misuse', {
      expected: 'a console pattern without flag v',
      seen: String(pattern),
      next: 'write it with flag u or none: a console is bytes, and text beyond ASCII is taken as UTF-8',
    })
  return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(pattern.source, 0, pattern.source.length, {
    unicode: pattern.unicode,
  })
}

export type { AST } from '@eslint-community/regexpp'
