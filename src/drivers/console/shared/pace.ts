import { z } from 'zod'

/** How slowly a line wants to be written to: options that every console driver has. */
export const Pace = {
  /** A pause behind every byte written, for boot loaders that lose bytes of a burst. */
  writePaceMs: z.int().min(1).max(1000).optional(),
  /** A pause behind every line written, for shells that lose what is typed while they work on a line. */
  linePaceMs: z.int().min(1).max(10_000).optional(),
}
export interface Pace {
  readonly writePaceMs?: number | undefined
  readonly linePaceMs?: number | undefined
}

/** A part of what is to be written, and the pause behind it. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly pauseMs: number
}

const LF = 0x0a
const CR = 0x0d

/** Cuts bytes into the largest pieces that may be written at once. A line ends with CR, LF, or both. */
export function* paced(bytes: Uint8Array, { writePaceMs = 0, linePaceMs = 0 }: Pace): Generator<Piece> {
  if (writePaceMs === 0 && linePaceMs === 0) return yield { bytes, pauseMs: 0 }
  let from = 0
  for (let to = 1; to <= bytes.length; to++) {
    const endsLine = bytes[to - 1] === LF || (bytes[to - 1] === CR && bytes[to] !== LF)
    const pauseMs = Math.max(writePaceMs, endsLine ? linePaceMs : 0)
    if (pauseMs === 0 && to < bytes.length) continue
    yield { bytes: bytes.subarray(from, to), pauseMs }
    from = to
  }
}
