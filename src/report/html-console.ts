import { visible } from './html-text.ts'
import type { ConsoleExcerpt } from './page-data.ts'
import type { ConsoleBytes } from './run-files.ts'

const NEWLINE = 0x0a
const RETURN = 0x0d
const MAX_LINE_BYTES = 4096
const MAX_LINES = 5000

/**
 * Console bytes as lines, each with the time its first byte arrived.
 *
 * Limits: a line longer than 4 KiB becomes several; of more than 5000 lines the last ones are kept.
 */
export function consoleExcerpt({ from, bytes, leftOutBytes, arrivals }: ConsoleBytes): ConsoleExcerpt {
  const lines: { start: number; atMs: number | null; end: number }[] = []
  const decoder = new TextDecoder()
  let arrival = -1
  for (let at = 0; at < bytes.length;) {
    const end = lineEnd(bytes, at)
    while ((arrivals[arrival + 1]?.[0] ?? Infinity) <= at) arrival++
    lines.push({ start: at, atMs: arrivals[arrival]?.[1] ?? null, end })
    at = afterLine(bytes, end)
  }
  const kept = lines.slice(-MAX_LINES)
  const dropped = lines.length > kept.length ? (kept[0]?.start ?? 0) : 0
  return {
    from: from + dropped,
    to: from + bytes.length,
    leftOutBytes: leftOutBytes + dropped,
    lines: kept.map(({ start, atMs, end }) => [atMs, visible(decoder.decode(bytes.subarray(start, end)))]),
  }
}

/** A line ends at a newline or at a carriage return: what a board writes over stands below what was there. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const last = Math.min(bytes.length, at + MAX_LINE_BYTES)
  for (let end = at; end < last; end++) if (bytes[end] === NEWLINE || bytes[end] === RETURN) return end
  return last
}

function afterLine(bytes: Uint8Array, end: number): number {
  let at = end
  while (bytes[at] === RETURN) at++
  return bytes[at] === NEWLINE ? at + 1 : at
}
