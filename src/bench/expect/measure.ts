import type { AST } from './parsed.ts'

/** What can be said of a part of a pattern without any text. */
interface Measure {
  /** Bytes of its shortest and of its longest match. */
  readonly least: number
  readonly most: number
  /** In how many ways it may match at one place, at most: what a search may have to try. */
  readonly steps: number
}

/** What can be said of a whole pattern. `tail`: the part at its end that may grow with what arrives. */
export interface PatternMeasure extends Measure {
  readonly tail: string | undefined
  readonly atEnd: boolean
  readonly problem: Problem | undefined
}

interface Problem {
  readonly seen: string
  readonly next: string
}

/** Measures a pattern: how long, how laborious, and whether it has an end of its own. */
export function measure(pattern: AST.Pattern, { multiline }: { multiline: boolean }): PatternMeasure {
  const found: Found = { atEnd: false, multiline }
  const whole = ofAlternatives(pattern.alternatives, found)
  const tails = pattern.alternatives.map(tailOf).filter(tail => tail !== undefined)
  return { ...whole, tail: tails[0], atEnd: found.atEnd, problem: found.problem }
}

interface Found {
  problem?: Problem
  atEnd: boolean
  readonly multiline: boolean
}

function ofAlternatives(alternatives: readonly AST.Alternative[], found: Found): Measure {
  const all = alternatives.map(({ elements }) => {
    const parts = elements.map(element => ofElement(element, found))
    return {
      least: sum(parts.map(part => part.least)),
      most: sum(parts.map(part => part.most)),
      steps: parts.reduce((product, part) => product * part.steps, 1),
    }
  })
  return {
    least: Math.min(...all.map(one => one.least)),
    most: Math.max(...all.map(one => one.most)),
    steps: sum(all.map(one => one.steps)),
  }
}

function ofElement(element: AST.Element, found: Found): Measure {
  switch (element.type) {
    case 'Character': {
      const length = Buffer.byteLength(String.fromCodePoint(element.value))
      return { least: length, most: length, steps: 1 }
    }
    case 'CharacterClass':
    case 'CharacterSet':
    case 'ExpressionCharacterClass':
      // At most: a character beyond ASCII.
      return { least: 1, most: element.type === 'CharacterClass' ? widest(element) : 1, steps: 1 }
    case 'Group':
    case 'CapturingGroup':
      return ofAlternatives(element.alternatives, found)
    case 'Quantifier':
      return ofQuantifier(element, found)
    case 'Assertion':
      return ofAssertion(element, found)
    case 'Backreference':
      found.problem ??= {
        seen: `${element.raw} refers to what was matched before`,
        next: 'wait for the first part, then for a pattern made of its text',
      }
      return NOTHING
  }
}

function ofQuantifier({ min, max, element, raw }: AST.Quantifier, found: Found): Measure {
  const part = element.type === 'Assertion' ? NOTHING : ofElement(element, found)
  if (max === Number.POSITIVE_INFINITY) {
    const limited = raw.replace(/(?:\*|\+|\{\d+,\})\??$/, `{${min},200}`)
    found.problem ??= { seen: `${raw} has no limit`, next: `give it one: ${limited}` }
    return NOTHING
  }
  let steps = 0
  // One way for each number of times, multiplied by the ways of each time.
  for (let times = min, ways = part.steps ** min; times <= max && steps <= MOST; times++, ways *= part.steps)
    steps += ways
  return { least: part.least * min, most: part.most * max, steps }
}

const MOST = 1e12
const NOTHING: Measure = { least: 0, most: 0, steps: 1 }

function ofAssertion(element: AST.Assertion, found: Found): Measure {
  if (element.kind === 'end' || element.kind === 'start' || element.kind === 'word') {
    if (element.kind === 'end') found.atEnd = true
    if (element.kind === 'start' && !found.multiline)
      found.problem ??= {
        seen: '^ asks for the beginning of all that was said',
        next: String.raw`write \n, or add the flag m`,
      }
    return NOTHING
  }
  if (element.kind === 'lookahead')
    found.problem ??= {
      seen: `${element.raw} asks for what has not arrived yet`,
      next: 'write what follows as part of the pattern, with a group around what is wanted',
    }
  return NOTHING
}

function widest({ elements, negate }: AST.CharacterClass): number {
  if (negate) return 1
  const last = (element: AST.CharacterClassElement): number =>
    element.type === 'Character' ? element.value : element.type === 'CharacterClassRange' ? element.max.value : 0
  return Math.max(1, ...elements.map(element => Buffer.byteLength(String.fromCodePoint(last(element)))))
}

/** The last part of a sequence, when it may match more once more has arrived. */
function tailOf(alternative: AST.Alternative): string | undefined {
  for (const element of alternative.elements.toReversed()) {
    if (element.type === 'Assertion') {
      if (element.kind === 'end') return undefined
      if (element.kind === 'word') return element.raw
      continue
    }
    if (element.type === 'Quantifier') {
      if (element.min !== element.max) return element.raw
      return insideOf(element.element)
    }
    return insideOf(element)
  }
  return undefined
}

function insideOf(element: AST.Element): string | undefined {
  if (element.type !== 'Group' && element.type !== 'CapturingGroup') return undefined
  return element.alternatives.map(tailOf).find(tail => tail !== undefined)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
