import { readableLines } from '../base/text.ts'
import type { Recording } from './recording.ts'

/** Lines after which a kernel or boot loader does not come back by itself. Each is bounded and ends inside its line. */
export const DEATH_PATTERNS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'kernel panic', pattern: /Kernel panic - not syncing[^\r\n]{0,200}/ },
  { name: 'kernel oops', pattern: /Internal error: Oops[^\r\n]{0,200}|Oops: [0-9a-f]{4} \[#\d{1,3}\][^\r\n]{0,200}/ },
  { name: 'kernel BUG', pattern: /kernel BUG at [^\r\n]{1,200}/ },
  { name: 'bad kernel access', pattern: /BUG: unable to handle [^\r\n]{1,200}|Unable to handle kernel [^\r\n]{1,200}/ },
  { name: 'no root file system', pattern: /Unable to mount root fs[^\r\n]{0,200}/ },
]

/** A death seen on a console. */
export interface Death {
  readonly name: string
  /** Where its line stands in the recording. */
  readonly offset: number
}

const OVERLAP_BYTES = 512

/** Watches a recording for death patterns, from now on until disposed; each line is told once. */
export function watchDeaths(recording: Recording, onDeath: (death: Death) => void): Disposable {
  let from = recording.end
  return recording.follow((_chunk, end) => {
    const start = Math.max(from, end - (OVERLAP_BYTES + _chunk.length))
    const text = recording.slice(start, end).toString('latin1')
    // Only whole lines are judged, so that the quoted line is complete.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    for (const { name, pattern } of DEATH_PATTERNS) {
      const found = pattern.exec(whole)
      if (!found) continue
      onDeath({ name, offset: start + found.index })
      break
    }
    from = start + whole.length
  })
}

/** The readable console lines around an offset: what a report quotes. */
export function linesAround(recording: Recording, offset: number, before = 3, after = 8): string[] {
  const head = readableLines(recording.slice(Math.max(0, offset - 2048), offset))
  const tail = readableLines(recording.slice(offset, offset + 4096))
  const broken = head.pop() ?? ''
  tail[0] = broken + (tail[0] ?? '')
  return [...head.slice(-before), ...tail.slice(0, after)].filter(line => line.trim() !== '')
}

/** The last readable lines before an offset. */
export function linesBefore(recording: Recording, to: number = recording.end, most = 12): string[] {
  return readableLines(recording.slice(Math.max(0, to - 8192), to))
    .filter(line => line.trim() !== '' && !isOurs(line))
    .slice(-most)
}

/** A line of the serial shell's own framing: of no interest to a reader. */
function isOurs(line: string): boolean {
  return /^~[\w.]+\..*~?$/.test(line)
}
