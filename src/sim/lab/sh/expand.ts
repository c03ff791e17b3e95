import { cut, literally, sourceOf } from './pattern.ts'
import type { Running } from './running.ts'
import type { Shell } from './shell.ts'
import { sumOf } from './sum.ts'
import type { Part, Word } from './syntax.ts'

/** A word as one text: what a value or the target of a redirection is. */
export function* expandText(shell: Shell, word: Word): Running<string> {
  let text = ''
  for (const part of word) text += part.is === 'text' ? part.text : yield* valueOf(shell, part)
  return text
}

/** A word as a pattern, in which what was quoted means itself. */
export function* expandPattern(shell: Shell, word: Word): Running<string> {
  let pattern = ''
  for (const part of word) {
    const text = part.is === 'text' ? part.text : yield* valueOf(shell, part)
    pattern += part.quoted ? literally(text) : text
  }
  return pattern
}

/** A word as arguments: split where nothing was quoted, and replaced by the files it matches. */
export function* expandFields(shell: Shell, word: Word): Running<string[]> {
  const fields: string[] = []
  let text = ''
  let pattern = ''
  let begun = false
  const end = (): void => {
    if (begun) fields.push(...globbed(shell, text, pattern))
    text = ''
    pattern = ''
    begun = false
  }
  const add = (more: string, quoted: boolean): void => {
    text += more
    pattern += quoted ? literally(more) : more
    begun ||= quoted || more !== ''
  }
  for (const part of word) {
    if (part.is === 'text') add(part.text, part.quoted)
    else if (part.is === 'variable' && part.name === '@' && part.op === '') {
      // Each argument stays one field, and none make none.
      for (const [n, arg] of shell.args.entries()) {
        if (n > 0) end()
        add(arg, true)
      }
      if (shell.args.length === 0 && text === '') begun = false
    } else if (part.quoted) add(yield* valueOf(shell, part), true)
    else {
      const value = yield* valueOf(shell, part)
      let from = 0
      for (const { 0: between, 1: hard, index } of value.matchAll(separatorsOf(shell))) {
        if (index > from) add(value.slice(from, index), false)
        begun ||= hard !== undefined
        end()
        from = index + between.length
      }
      if (from < value.length) add(value.slice(from), false)
    }
  }
  end()
  return fields
}

/** What stands between two fields: white space, or one other character of `IFS`, which is in the first group then. */
export function separatorsOf(shell: Shell): RegExp {
  const all = shell.variables.get('IFS') ?? ' \t\n'
  const blank = `[${all.replaceAll(/[^ \t\n]/g, '')}]`
  const hard = `[${all.replaceAll(/[ \t\n]/g, '').replaceAll(/[\\\]^-]/g, String.raw`\$&`)}]`
  return new RegExp(`${blank}*(${hard})${blank}*|${blank}+`, 'g')
}

function globbed(shell: Shell, text: string, pattern: string): string[] {
  if (!/(?<!\\)[*?[]/.test(pattern) || !text.startsWith('/')) return [text]
  const source = new RegExp(`^${sourceOf(pattern, '[^/]*')}$`)
  const found = shell.files.matching(source, text.split('/').length)
  return found.length > 0 ? found : [text]
}

function* valueOf(shell: Shell, part: Exclude<Part, { is: 'text' }>): Running<string> {
  if (part.is === 'output') return yield* shell.outputOf(part.of)
  if (part.is === 'sum') return String(sumOf(yield* expandText(shell, part.expression), name => shell.get(name)))
  const { name, op, arg } = part
  const value = shell.get(name)
  switch (op) {
    case '':
      return value
    case 'length':
      return String(value.length)
    case '#':
    case '##':
    case '%':
    case '%%':
      return cut(value, op, yield* expandPattern(shell, arg))
    case ':-':
      return value === '' ? yield* expandText(shell, arg) : value
    case '-':
      return shell.isSet(name) ? value : yield* expandText(shell, arg)
    case ':+':
      return value === '' ? '' : yield* expandText(shell, arg)
    case '+':
      return shell.isSet(name) ? yield* expandText(shell, arg) : ''
  }
}
