import { stripAnsi } from '../base/text.ts'

/** Markup that is safe as it stands. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Markup | string | number | false | null | undefined | readonly Part[]

/** A template whose parts are escaped unless they are markup themselves; lists are joined, nothing becomes nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(
    strings.map((string, index) => string + (index < parts.length ? textOf(parts[index]) : '')).join(''),
  )
}

/** Text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  const readable = stripAnsi(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
  return readable.toWellFormed().replaceAll(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return part ? part.map(textOf).join('') : ''
}

/** A name as an anchor: what is no letter or digit becomes a hyphen. */
export function anchor(...names: readonly string[]): string {
  return names.map(name => name.replaceAll(/[^A-Za-z0-9]+/g, '-')).join('--')
}
