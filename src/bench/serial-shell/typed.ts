import { shellQuote } from '../../base/text.ts'

/** A command to be run and answered. `takesInput`: it reads what `inputLines` sent. */
export function commandText(argv: readonly string[], takesInput = false): string {
  const command = argv.map(typedWord).join(' ')
  // Builtins that only print or test run without a process; everything else in a subshell, so that it cannot change ours.
  const isHarmless = HARMLESS.has(argv[0] ?? '') && !SETS_A_VARIABLE.test(argv[1] ?? '')
  if (takesInput) return isHarmless ? `@<${command}` : `@<(${command})`
  // Each character costs a slow board 30 µs: the parenthesis is closed there.
  return isHarmless ? `@${command}` : `(${command}`
}

const HARMLESS = new Set(['true', 'false', 'echo', 'printf', 'test', 'pwd', ':'])
/** `printf -v` of bash. */
const SETS_A_VARIABLE = /^-v/

/** A word as `shellQuote` has it, of printable ASCII only: nothing else survives every terminal, or is hashed. */
export function typedWord(word: string): string {
  if (/^[ -~]*$/.test(word)) return shellQuote(word)
  return `'${word.replaceAll(/\n|[^ -~\n]+|'/g, text => (text === "'" ? `'\\''` : `'"${unprintable(text)}"'`))}'`
}

/** `_N` is a newline: a command substitution would lose it. */
function unprintable(text: string): string {
  return text === '\n' ? '$_N' : `$(printf "${octal(Buffer.from(text))}")`
}

function octal(bytes: Uint8Array): string {
  return Array.from(bytes, byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}

/** A line to be typed: a text, a piece of a longer one, or what hands the pieces before it on. */
export type Line =
  { readonly kind: 'text' | 'piece'; readonly text: string } | { readonly kind: 'handOn'; readonly to: '_h' | 'eval' }

/** Cuts a line that is too long: `=` and `+` put it together on the board. */
export function split(line: Line, most: number): Line[] {
  if (line.kind === 'handOn' || line.text.length <= most) return [line]
  const { kind, text } = line
  if (kind === 'piece')
    return [{ kind, text: text.slice(0, most) }, ...split({ kind, text: `+${text.slice(most)}` }, most)]
  const whole = text.startsWith('@') ? text.slice(1) : text.startsWith('(') ? `${text})` : text
  return [
    ...split({ kind: 'piece', text: `=${whole}` }, most),
    { kind: 'handOn', to: /^[@(]/.test(text) ? '_h' : 'eval' },
  ]
}

/** As many bytes as make a line of usual length. */
const INPUT_BYTES = { base64: 168, octal: 48 }

/** Lines that put a command's input into a file of the board: base64, or where it has none escapes of its `printf`. */
export function inputLines(input: Uint8Array, encoding: keyof typeof INPUT_BYTES): string[] {
  const size = INPUT_BYTES[encoding]
  const bytes = Buffer.from(input)
  const lines = ['_i0']
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    lines.push(encoding === 'base64' ? `_i ${piece.toString('base64')}` : `_i '${octal(piece)}'`)
  }
  return [...lines, '_i1']
}
