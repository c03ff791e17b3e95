const known = new Map<string, RegExp>()
const MAX_KNOWN = 5000

/** Text as a pattern that matches it and nothing else. */
export function literally(text: string): string {
  return /[\\*?[\]]/.test(text) ? text.replaceAll(/[\\*?[\]]/g, '\\$&') : text
}

/** A shell's pattern as the source of a regular expression; `many`: what `*` stands for. */
export function sourceOf(pattern: string, many = '[^]*'): string {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char === '*') source += many
    else if (char === '?') source += '[^]'
    else if (char === '\\' && at + 1 < pattern.length) source += escaped(pattern[++at]!)
    else if (char === '[') {
      const set = /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(at))
      if (!set) source += '\\['
      else {
        source += `[${set[1] ? '^' : ''}${set[2]!.replaceAll(/[\\\]^]/g, '\\$&')}]`
        at += set[0].length - 1
      }
    } else source += escaped(char)
  }
  return source
}

/** Whether a text as a whole matches a pattern. */
export function matches(text: string, pattern: string): boolean {
  return regexp(`^(?:${sourceOf(pattern)})$`).test(text)
}

/** A text without its shortest or longest beginning or end that a pattern matches. */
export function cut(text: string, how: Cut, pattern: string): string {
  const simply = cutSimply(text, how, pattern)
  if (simply !== undefined) return simply
  if (how === '#' || how === '##') {
    const source = sourceOf(pattern, how === '#' ? '[^]*?' : '[^]*')
    const found = regexp(`^(?:${source})`).exec(text)
    return found ? text.slice(found[0].length) : text
  }
  const source = sourceOf(pattern)
  // The first place from where all matches is that of the longest end; the shortest is what a greedy beginning leaves.
  const found = how === '%%' ? regexp(`(?:${source})$`).exec(text) : regexp(`^([^]*)(?:${source})$`).exec(text)
  if (!found) return text
  return how === '%%' ? text.slice(0, found.index) : found[1]!
}

export type Cut = '#' | '##' | '%' | '%%'

/** The same without an expression, for the patterns that a script cuts characters off with; undefined: it is none of those. */
function cutSimply(text: string, how: Cut, pattern: string): string | undefined {
  const isFront = how === '#' || how === '##'
  if (pattern === '?') return isFront ? text.slice(1) : text.slice(0, -1)
  const literal = literalOf(pattern)
  if (literal !== undefined) {
    if (isFront) return text.startsWith(literal) ? text.slice(literal.length) : text
    return literal !== '' && text.endsWith(literal) ? text.slice(0, -literal.length) : text
  }
  const many = isFront ? pattern.startsWith('*') : pattern.endsWith('*')
  const fixed = many ? literalOf(isFront ? pattern.slice(1) : pattern.slice(0, -1)) : undefined
  if (fixed === undefined || fixed === '') return undefined
  const nearest = how === '#' || how === '%%'
  const at = nearest ? text.indexOf(fixed) : text.lastIndexOf(fixed)
  if (at < 0) return text
  return isFront ? text.slice(at + fixed.length) : text.slice(0, at)
}

/** What a pattern matches that means only itself. */
function literalOf(pattern: string): string | undefined {
  if (!/[\\*?[]/.test(pattern)) return pattern
  const plain = pattern.replaceAll(/\\([^])/g, '')
  return /[\\*?[]/.test(plain) ? undefined : pattern.replaceAll(/\\([^])/g, '$1')
}

function regexp(source: string): RegExp {
  const before = known.get(source)
  if (before) return before
  if (known.size >= MAX_KNOWN) known.clear()
  const made = new RegExp(source)
  known.set(source, made)
  return made
}

function escaped(char: string): string {
  return /[A-Za-z0-9_\s]/.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
}
