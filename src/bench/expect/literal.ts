import type { AST } from './parsed.ts'

/** A shorter one is in every text. */
const LEAST_CHARS = 3

/**
 * The longest ASCII text that every match of a pattern contains, if there is one worth looking for: bytes without it need
 * not be searched any further.
 */
export function literalOf({ alternatives }: AST.Pattern, { ignoreCase }: { ignoreCase: boolean }): string | undefined {
  const [only, ...more] = alternatives
  if (!only || more.length > 0 || ignoreCase) return undefined
  let longest = ''
  let run = ''
  for (const element of only.elements) {
    // What asks about a place takes no room in it.
    if (element.type === 'Assertion') continue
    run = element.type === 'Character' && element.value < 0x80 ? run + String.fromCharCode(element.value) : ''
    if (run.length > longest.length) longest = run
  }
  return longest.length >= LEAST_CHARS ? longest : undefined
}
