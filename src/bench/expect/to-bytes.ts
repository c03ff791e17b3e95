import { Fault } from '../../base/fault.ts'
import type { AST } from './parsed.ts'

/**
 * The source of a pattern for bytes seen as Latin-1: each character beyond ASCII becomes the bytes of its UTF-8.
 *
 * `\xc3` stays the byte it names. Errors: `test/misuse` where no bytes mean what was written.
 */
export function toBytes(tree: AST.Pattern, pattern: RegExp): string {
  const beyond = (raw: string, next: string): never => {
    throw new Fault('test/misuse', {
      expected: 'a console pattern that bytes can match',
      seen: `${pattern}: ${raw}`,
      next,
    })
  }
  const ofElements = (alternatives: readonly AST.Alternative[]): string =>
    alternatives.map(({ elements }) => elements.map(ofElement).join('')).join('|')

  const ofElement = (element: AST.Element): string => {
    switch (element.type) {
      case 'Character':
        return ofCharacter(element)
      case 'CharacterSet':
        return ofSet(element)
      case 'CharacterClass':
        return ofClass(element)
      case 'Quantifier':
        return ofElement(element.element) + element.raw.slice(element.element.raw.length)
      case 'Group':
        return `${element.raw.startsWith('(?:') ? '(?:' : beyond(element.raw, 'write it without modifiers')}${ofElements(element.alternatives)})`
      case 'CapturingGroup':
        return `(${element.name === null ? '' : `?<${element.name}>`}${ofElements(element.alternatives)})`
      case 'Assertion':
        if (element.kind === 'lookbehind') return `(?<${element.negate ? '!' : '='}${ofElements(element.alternatives)})`
        return element.raw
      case 'Backreference':
      case 'ExpressionCharacterClass':
      default:
        return element.raw
    }
  }

  const ofCharacter = ({ value, raw }: AST.Character): string => {
    if (value < 0x80) return safe(value)
    if (raw.startsWith('\\x')) return raw
    if (pattern.ignoreCase) beyond(`${raw} with flag i`, 'leave the flag out, or write both cases: (?:ä|Ä)')
    return `(?:${bytesOf(value)})`
  }

  const ofSet = (set: AST.CharacterSet): string => {
    if (set.kind === 'property') beyond(set.raw, 'list the characters that are meant: a console is bytes')
    // In Latin-1 the byte a0 is a space, in UTF-8 half of a letter.
    if (set.kind === 'space') return set.negate ? '[^\\t-\\r ]' : '[\\t-\\r ]'
    return set.raw
  }

  const ofClass = ({ elements, negate, raw }: AST.CharacterClass): string => {
    const outside: string[] = []
    const inside = elements.map(element => {
      if (element.type === 'CharacterSet') {
        if (element.kind === 'space' && element.negate) beyond(element.raw, 'list the characters that are meant')
        return element.kind === 'space' ? '\\t-\\r ' : ofSet(element)
      }
      if (element.type === 'CharacterClassRange') {
        const { min, max } = element
        if (max.value >= 0x80 && !max.raw.startsWith('\\x'))
          beyond(element.raw, 'list the characters that are meant: a range of them is none of bytes')
        return `${inClass(min)}-${inClass(max)}`
      }
      if (element.type !== 'Character') return beyond(raw, 'list the characters that are meant')
      if (element.value < 0x80 || element.raw.startsWith('\\x')) return inClass(element)
      if (negate) beyond(raw, 'a class of all but some may name ASCII only')
      if (pattern.ignoreCase) beyond(`${element.raw} with flag i`, 'leave the flag out, or list both cases')
      outside.push(bytesOf(element.value))
      return ''
    })
    const ascii = inside.join('')
    const own = ascii === '' && outside.length > 0 ? [] : [`[${negate ? '^' : ''}${ascii}]`]
    return outside.length > 0 ? `(?:${[...own, ...outside].join('|')})` : own.join('')
  }

  return ofElements(tree.alternatives)
}

function inClass({ value }: AST.Character): string {
  return safe(value)
}

/** A character by its number: nothing to escape, in a class or out of it. */
function safe(value: number): string {
  return /[A-Za-z0-9 ]/.test(String.fromCharCode(value)) ? String.fromCharCode(value) : hex(value)
}

function hex(value: number): string {
  return `\\x${value.toString(16).padStart(2, '0')}`
}

function bytesOf(value: number): string {
  return Array.from(Buffer.from(String.fromCodePoint(value)), hex).join('')
}
