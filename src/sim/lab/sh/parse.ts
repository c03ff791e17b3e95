import { parseWord, Cursor } from './words.ts'
import {
  Incomplete,
  SyntaxFault,
  type AndOr,
  type Command,
  type List,
  type Pipeline,
  type Redirection,
  type Shape,
  type Simple,
  type Word,
} from './syntax.ts'

const known = new Map<string, List>()
const MAX_KNOWN = 200

/**
 * The commands of a text in the language of POSIX `sh`, as far as a simulated board needs it: no here-documents, no job
 * control. Errors: `Incomplete`, `SyntaxFault`.
 *
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */
export function parse(text: string): List {
  const before = known.get(text)
  if (before) return before
  const cursor = new Cursor(text, () => new Parser(cursor).list([')']))
  const list = new Parser(cursor).list([])
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, list)
  return list
}

const RESERVED = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}', ')', ';;'])

class Parser {
  readonly #at: Cursor

  constructor(cursor: Cursor) {
    this.#at = cursor
  }

  /** Commands up to one of some words, which stays; up to the end where none is named. */
  list(until: readonly string[]): List {
    const commands: AndOr[] = []
    for (;;) {
      this.#at.skipLines()
      const next = this.#peekWord()
      if (this.#at.over) {
        if (until.length > 0) throw new Incomplete()
        return commands
      }
      if (until.includes(next)) return commands
      if (RESERVED.has(next)) throw new SyntaxFault(next)
      commands.push(this.#andOr())
      this.#at.skipBlanks()
      if (this.#at.is(';;')) continue
      if (!this.#at.take(';') && !this.#at.take('&') && !this.#at.is('\n') && !this.#at.over) {
        if (until.includes(this.#peekWord())) return commands
        throw new SyntaxFault(this.#at.rest.slice(0, 20))
      }
    }
  }

  #andOr(): AndOr {
    const first = this.#pipeline()
    const more: { when: '&&' | '||'; next: Pipeline }[] = []
    for (;;) {
      this.#at.skipBlanks()
      const when = this.#at.take('&&') ? '&&' : this.#at.take('||') ? '||' : undefined
      if (!when) return { first, more }
      this.#at.skipLines()
      if (this.#at.over) throw new Incomplete()
      more.push({ when, next: this.#pipeline() })
    }
  }

  #pipeline(): Pipeline {
    this.#at.skipBlanks()
    const not = this.#at.takeWord('!')
    const commands = [this.#command()]
    for (;;) {
      this.#at.skipBlanks()
      if (this.#at.is('||') || !this.#at.take('|')) return { not, commands }
      this.#at.skipLines()
      if (this.#at.over) throw new Incomplete()
      commands.push(this.#command())
    }
  }

  #command(): Command {
    this.#at.skipBlanks()
    const compound = this.#compound()
    if (!compound) return this.#simple()
    return { ...compound, redirections: this.#redirections() }
  }

  #compound(): Shape | undefined {
    const at = this.#at
    if (at.take('(')) {
      const body = this.list([')'])
      this.#must(')')
      return { is: 'subshell', body }
    }
    if (at.takeWord('{')) {
      const body = this.list(['}'])
      this.#must('}')
      return { is: 'group', body }
    }
    if (at.takeWord('if')) return this.#if()
    if (at.takeWord('while')) return this.#while(false)
    if (at.takeWord('until')) return this.#while(true)
    if (at.takeWord('for')) return this.#for()
    if (at.takeWord('case')) return this.#case()
    const name = /^([A-Za-z_]\w*)[ \t]*\(\)/.exec(at.rest.slice(0, 80))
    if (!name) return undefined
    at.skip(name[0].length)
    at.skipLines()
    if (at.over) throw new Incomplete()
    return { is: 'function', name: name[1]!, body: this.#command() }
  }

  #if(): Shape {
    const arms: { when: List; body: List }[] = []
    do {
      const when = this.list(['then'])
      this.#must('then')
      arms.push({ when, body: this.list(['elif', 'else', 'fi']) })
    } while (this.#at.takeWord('elif'))
    const otherwise = this.#at.takeWord('else') ? this.list(['fi']) : undefined
    this.#must('fi')
    return { is: 'if', arms, ...(otherwise && { otherwise }) }
  }

  #while(until: boolean): Shape {
    const when = this.list(['do'])
    return { is: 'while', until, when, body: this.#body() }
  }

  #for(): Shape {
    const at = this.#at
    at.skipBlanks()
    const name = at.name()
    if (name === '') throw at.over ? new Incomplete() : new SyntaxFault('for')
    at.skipLines()
    let words: Word[] | undefined
    if (at.takeWord('in')) {
      words = []
      for (at.skipBlanks(); !at.over && !at.endsWord; at.skipBlanks()) words.push(parseWord(at))
    }
    at.take(';')
    at.skipLines()
    return { is: 'for', name, ...(words && { words }), body: this.#body() }
  }

  #body(): List {
    this.#at.skipLines()
    this.#must('do')
    const body = this.list(['done'])
    this.#must('done')
    return body
  }

  #case(): Shape {
    const at = this.#at
    at.skipBlanks()
    const word = parseWord(at)
    at.skipLines()
    this.#must('in')
    const arms: { patterns: Word[]; body: List }[] = []
    for (;;) {
      at.skipLines()
      if (at.over) throw new Incomplete()
      if (at.takeWord('esac')) return { is: 'case', word, arms }
      at.take('(')
      const patterns: Word[] = []
      do {
        at.skipBlanks()
        patterns.push(parseWord(at))
        at.skipBlanks()
      } while (at.take('|'))
      this.#must(')')
      arms.push({ patterns, body: this.list([';;', 'esac']) })
      at.take(';;')
    }
  }

  #simple(): Simple {
    const at = this.#at
    const assigns: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirections: Redirection[] = []
    for (;;) {
      at.skipBlanks()
      const redirection = this.#redirection()
      if (redirection) {
        redirections.push(redirection)
        continue
      }
      if (at.over || at.endsCommand) break
      const assign = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(at.rest.slice(0, 80)) : null
      if (assign) {
        at.skip(assign[0].length)
        assigns.push({ name: assign[1]!, value: at.over || at.endsWord ? [] : parseWord(at) })
      } else words.push(parseWord(at))
    }
    if (assigns.length + words.length + redirections.length === 0)
      throw at.over ? new Incomplete() : new SyntaxFault(at.rest.slice(0, 20))
    return { is: 'simple', assigns, words, redirections }
  }

  #redirections(): Redirection[] {
    const found: Redirection[] = []
    for (;;) {
      this.#at.skipBlanks()
      const one = this.#redirection()
      if (!one) return found
      found.push(one)
    }
  }

  #redirection(): Redirection | undefined {
    const at = this.#at
    const match = /^(\d?)(>>|>&|<>|<&|>|<)/.exec(at.rest.slice(0, 4))
    if (!match) return undefined
    at.skip(match[0].length)
    at.skipBlanks()
    const how = match[2] as Redirection['how']
    const usual = how.startsWith('<') ? 0 : 1
    if (at.over) throw new Incomplete()
    return { fd: match[1] === '' ? usual : Number(match[1]), how, target: parseWord(at) }
  }

  #must(word: string): void {
    this.#at.skipLines()
    if (word === ')' ? this.#at.take(')') : this.#at.takeWord(word)) return
    throw this.#at.over ? new Incomplete() : new SyntaxFault(`${word} expected at ${this.#at.rest.slice(0, 20)}`)
  }

  #peekWord(): string {
    const at = this.#at
    at.skipBlanks()
    if (at.is(';;')) return ';;'
    if (at.is(')')) return ')'
    return /^(?:[a-z]+|\})(?=[\s;|&)<>]|$)/.exec(at.rest.slice(0, 12))?.[0] ?? ''
  }
}
