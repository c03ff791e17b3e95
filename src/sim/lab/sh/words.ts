import { Incomplete, type List, type Op, type Part, type Word } from './syntax.ts'

const META = new Set([' ', '\t', '\n', ';', '&', '|', '(', ')', '<', '>'])

/** A place in a text that is being parsed. */
export class Cursor {
  readonly text: string
  at = 0
  /** Parses the commands up to a closing parenthesis, which stays. */
  readonly commands: () => List

  constructor(text: string, commands: () => List) {
    this.text = text
    this.commands = commands
  }

  get over(): boolean {
    return this.at >= this.text.length
  }

  get rest(): string {
    return this.text.slice(this.at)
  }

  get char(): string {
    return this.text[this.at] ?? ''
  }

  /** Whether here no word can go on. */
  get endsWord(): boolean {
    return META.has(this.char)
  }

  get endsCommand(): boolean {
    return META.has(this.char) && this.char !== '<' && this.char !== '>'
  }

  is(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  skip(chars: number): void {
    this.at += chars
  }

  take(text: string): boolean {
    if (!this.is(text)) return false
    this.at += text.length
    return true
  }

  /** A word by itself, such as `then`. */
  takeWord(word: string): boolean {
    this.skipBlanks()
    if (!this.is(word)) return false
    const behind = this.text[this.at + word.length] ?? ''
    if (behind !== '' && !META.has(behind)) return false
    this.at += word.length
    return true
  }

  name(): string {
    const found = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at, this.at + 80))?.[0] ?? ''
    this.at += found.length
    return found
  }

  skipBlanks(): void {
    for (;;) {
      if (this.char === ' ' || this.char === '\t') this.at++
      else if (this.is('\\\n')) this.at += 2
      else if (this.char === '#' && (this.at === 0 || META.has(this.text[this.at - 1]!)))
        while (!this.over && !this.is('\n')) this.at++
      else return
    }
  }

  skipLines(): void {
    for (this.skipBlanks(); this.char === '\n'; this.skipBlanks()) this.at++
  }
}

/** The word that begins here. Errors: `Incomplete`. */
export function parseWord(at: Cursor): Word {
  const parts: Part[] = []
  while (!at.over && !at.endsWord) parsePart(at, parts)
  return parts
}

function parsePart(at: Cursor, parts: Part[]): void {
  const { char } = at
  if (char === "'") {
    const end = at.text.indexOf("'", at.at + 1)
    if (end < 0) throw new Incomplete()
    addText(parts, at.text.slice(at.at + 1, end), true)
    at.at = end + 1
  } else if (char === '"') parseQuoted(at, parts)
  else if (char === '$') parts.push(parseDollar(at, false))
  else if (char === '\\') {
    if (at.at + 1 >= at.text.length) throw new Incomplete()
    addText(parts, at.text[at.at + 1]!, true)
    at.at += 2
  } else {
    addText(parts, char, false)
    at.at++
  }
}

function addText(parts: Part[], text: string, quoted: boolean): void {
  const last = parts.at(-1)
  if (last?.is === 'text' && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + text }
  else parts.push({ is: 'text', text, quoted })
}

function parseQuoted(at: Cursor, parts: Part[]): void {
  at.at++
  addText(parts, '', true)
  for (;;) {
    if (at.over) throw new Incomplete()
    if (at.take('"')) return
    if (at.char === '$') parts.push(parseDollar(at, true))
    else {
      const escaped = at.char === '\\' && /[$`"\\\n]/.test(at.text[at.at + 1] ?? '')
      if (escaped) at.at++
      addText(parts, at.char, true)
      at.at++
    }
  }
}

const OPS: readonly Op[] = ['%%', '##', ':-', ':+', '%', '#', '-', '+']

function parseDollar(at: Cursor, quoted: boolean): Part {
  at.at++
  if (at.take('((')) return { is: 'sum', expression: parseSum(at), quoted }
  if (at.take('(')) {
    const of = at.commands()
    if (!at.take(')')) throw new Incomplete()
    return { is: 'output', of, quoted }
  }
  if (at.take('{')) {
    const length = at.is('#') && /[\w@*?#$]/.test(at.text[at.at + 1] ?? '') && at.take('#')
    const name = /^(?:\w+|[@*?#$!-])/.exec(at.text.slice(at.at, at.at + 80))?.[0] ?? ''
    at.at += name.length
    const op = OPS.find(op => at.take(op)) ?? ''
    const arg: Part[] = []
    while (!at.is('}')) {
      if (at.over) throw new Incomplete()
      parsePart(at, arg)
    }
    at.at++
    return { is: 'variable', name, quoted, op: length ? 'length' : op, arg }
  }
  const name = /^(?:[A-Za-z_]\w*|[0-9@*?#$!-])/.exec(at.text.slice(at.at, at.at + 80))?.[0]
  if (name === undefined) return { is: 'text', text: '$', quoted }
  at.at += name.length
  return { is: 'variable', name, quoted, op: '', arg: [] }
}

/** An arithmetic expression, its end included. */
function parseSum(at: Cursor): Word {
  const parts: Part[] = []
  for (let depth = 0; ;) {
    if (at.over) throw new Incomplete()
    if (depth === 0 && at.take('))')) return parts
    if (at.char === '(') depth++
    if (at.char === ')') depth--
    if (at.char === '$') parts.push(parseDollar(at, true))
    else {
      addText(parts, at.char, true)
      at.at++
    }
  }
}
