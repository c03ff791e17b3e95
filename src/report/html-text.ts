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
  let text = strings[0] ?? ''
  for (const [index, part] of parts.entries()) text += textOf(part) + (strings[index + 1] ?? '')
  return new Markup(text)
}

/** Text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return visible(text).replaceAll(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`)
}

const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]|\p{Cs}/u
const ALL_UNSEEN = new RegExp(UNSEEN, 'gu')

/**
 * Text in which nothing hides: terminal sequences gone, control characters as their pictures (`␛`), what turns the
 * direction of reading or has no width by its number (`‹U+202E›`). Line ends and tabs stay.
 */
export function visible(text: string): string {
  return UNSEEN.test(text) ? stripAnsi(text).replaceAll('\r\n', '\n').replaceAll(ALL_UNSEEN, picture) : text
}

function picture(character: string): string {
  const code = character.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return code >= 0xd800 && code < 0xe000 ? '\ufffd' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
}

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return part ? part.map(textOf).join('') : ''
}

/** Data as it may stand in a script element of type `application/json`. */
export function jsonMarkup(data: unknown): Markup {
  return new Markup(JSON.stringify(data).replaceAll('<', '\\u003c'))
}

/** An object with a list as its last value, as `jsonMarkup` has it, one element of the list at a time. */
export function* jsonPieces(head: object, [name, list]: readonly [string, Iterable<unknown>]): Generator<string> {
  const begin = jsonMarkup(head).text.slice(0, -1)
  yield `${begin}${begin === '{' ? '' : ','}${jsonMarkup(name).text}:[`
  let between = ''
  for (const element of list) {
    yield between + jsonMarkup(element).text
    between = ','
  }
  yield ']}'
}

/** Names as an element's id, and as what a link says behind its `#`: `debug-ssh/nuc-1`. */
export function place(...names: readonly string[]): string {
  return names.map(name => encodeURIComponent(visible(name))).join('/')
}
