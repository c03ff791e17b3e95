import { readableLines } from '../../base/text.ts'
import type { Recording } from '../recording.ts'

/** The readable console lines around an offset: what a report quotes. */
export function linesAround(recording: Recording, offset: number, before = 3, after = 8): string[] {
  const head = readableLines(recording.slice(Math.max(0, offset - 2048), offset))
  const tail = readableLines(recording.slice(offset, offset + 4096))
  const broken = head.pop() ?? ''
  tail[0] = broken + (tail[0] ?? '')
  const theirs = (line: string): boolean => line.trim() !== '' && !isOurs(line)
  const [own = '', ...behind] = tail
  return [...head.filter(theirs).slice(-before), own, ...behind.filter(theirs).slice(0, after - 1)]
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
