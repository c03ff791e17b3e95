import { stripVTControlCharacters } from 'node:util'

const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-~])/g

/** Text without terminal sequences (CSI, OSC, DCS). */
export function stripAnsi(text: string): string {
  return text.replaceAll(ANSI, '')
}

/** Console bytes as lines a person can read: terminal sequences and control characters gone, line ends unified. */
export function readableLines(bytes: Uint8Array | string): string[] {
  const text = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')
  const lines = stripAnsi(text)
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll('\r', '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Control characters, and what breaks a line or turns the direction of reading beside them. */
const UNRULY = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g

/**
 * Text of a board or of another person as one harmless line: nothing in it can move the cursor, change colours, or look like
 * a line of this program.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNRULY, ' ')
}

/** The same of text that has lines of its own. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n')
}

/** A word of a POSIX shell command line that means exactly `word`. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** A command line that runs exactly `argv`. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(' ')
}

/** `1 board`, `2 boards`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** A duration for people: `0.4 s`, `12 s`, `3 min 05 s`. */
export function humanDuration(ms: number): string {
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  const s = Math.round(ms / 1000)
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`
}

/** A size for people, in powers of 1024: `512 B`, `14.1 MiB`. */
export function humanSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let n = bytes
  let unit = 0
  while (n >= 1024 && unit < units.length - 1) {
    n /= 1024
    unit++
  }
  return unit === 0 ? `${n} B` : `${n.toFixed(1)} ${units[unit]}`
}

/** `14:05 UTC`, with the day in front where that is not today's. */
export function humanTime(ms: number, nowMs: number = Date.now()): string {
  const [day, time] = new Date(ms).toISOString().split('T') as [string, string]
  const today = new Date(nowMs).toISOString().slice(0, 10)
  return `${day === today ? '' : `${day} `}${time.slice(0, 5)} UTC`
}
