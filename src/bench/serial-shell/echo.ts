/** Pieces shorter than this in the middle of a line are no echo: something there was damaged, or said by somebody else. */
const LEAST_CHARS = 4

/**
 * Whether a line is made of pieces of what was typed: a terminal's echo, and what a program gives back of it, come mixed.
 * Of damage it finds what is flipped; a character that is missing or there twice may pass for a mixture.
 */
export function isEcho(line: string, typed: string): boolean {
  for (let at = 0; at < line.length;) {
    const length = longestAt(line, at, typed)
    const isInside = at > 0 && at + length < line.length
    if (length === 0 || (isInside && length < LEAST_CHARS)) return false
    at += length
  }
  return true
}

/** How much of a line from a place on was typed in one piece. */
function longestAt(line: string, at: number, typed: string): number {
  let [low, high] = [0, line.length - at]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (typed.includes(line.slice(at, at + middle))) low = middle
    else high = middle - 1
  }
  return low
}
