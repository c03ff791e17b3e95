/** Bytes from `offset` on arrived at `atMs`, until the next arrival says otherwise. */
export type Arrival = readonly [offset: number, atMs: number]

/** Something that happened at an offset. */
export interface Mark {
  readonly offset: number
  readonly atMs: number
  /** Bytes may be missing here, and why. */
  readonly gap?: string
  /** A process began to record, under the lease of this number. */
  readonly opened?: number
  /** A segment begins in the middle of what is recorded under the lease of this number: older ones may be dropped. */
  readonly epoch?: number
  /** That process ended as it should: whatever it had heard is on the disk. */
  readonly closed?: number
  /** The board was given power. */
  readonly power?: 'on'
}

/** One line of an index: JSON, in the order things happened. Times are ms since the epoch. */
export type IndexLine = Arrival | Mark

export function isArrival(line: IndexLine): line is Arrival {
  return Array.isArray(line)
}

export function offsetOf(line: IndexLine): number {
  return isArrival(line) ? line[0] : line.offset
}

export function timeOf(line: IndexLine): number {
  return isArrival(line) ? line[1] : line.atMs
}

export function formatIndex(lines: readonly IndexLine[]): string {
  return lines.map(line => `${JSON.stringify(line)}\n`).join('')
}

/** Undefined: a line that a kill cut off. */
export function parseIndexLine(text: string): IndexLine | undefined {
  try {
    return JSON.parse(text) as IndexLine
  } catch {
    return undefined
  }
}
