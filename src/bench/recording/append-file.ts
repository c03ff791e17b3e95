import { close, openSync, writev } from 'node:fs'
import { promisify } from 'node:util'

const writevAsync = promisify(writev)
const closeAsync = promisify(close)

/** A file of a recording. One call at a time. */
export interface RecordingFile {
  /** Errors: what the system says. */
  write(buffers: readonly Buffer[], position: number): Promise<void>
  close(): Promise<void>
}

/** `w`: begins it anew; `r+`: goes on with the one that is there. Errors: what the system says. */
export type OpenFile = (path: string, how: 'w' | 'r+') => RecordingFile

/** A file that is written at places given by the writer; one call at a time. What a call wrote survives a kill. */
export class AppendFile implements RecordingFile {
  readonly path: string
  readonly #fd: number

  /** `w`: begin it anew; `r+`: go on with the one that is there. Errors: what the system says. */
  constructor(path: string, how: 'w' | 'r+') {
    this.path = path
    this.#fd = openSync(path, how)
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    // One call takes at most IOV_MAX buffers, and may write less than it was given.
    let at = position
    let rest = buffers.filter(({ length }) => length > 0)
    while (rest.length > 0) {
      const { bytesWritten } = await writevAsync(this.#fd, rest.slice(0, MAX_BUFFERS), at)
      at += bytesWritten
      rest = behind(rest, bytesWritten)
    }
  }

  async close(): Promise<void> {
    await closeAsync(this.#fd)
  }
}

const MAX_BUFFERS = 1024

/** What is left of buffers of which so many bytes were written. */
function behind(buffers: readonly Buffer[], written: number): Buffer[] {
  let skip = written
  const rest: Buffer[] = []
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(buffer.subarray(skip))
    skip = Math.max(0, skip - buffer.length)
  }
  return rest
}
