import { close, existsSync, fdatasync, fstatSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { removeGently } from '../base/remove-gently.ts'

const closeAsync = promisify(close)
const fdatasyncAsync = promisify(fdatasync)

/** A file that is only added to. */
export interface AuditFile {
  readonly sizeBytes: number
  add(text: string): Promise<unknown>
  /** Resolves when what was added is on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** The files of an audit. Errors of all: what the system says. */
export interface AuditFiles {
  /** Goes on with the present one, or begins it. */
  open(): AuditFile
  /** Makes the present one, if there is any, the one before: `open` begins another then. */
  putAside(): Promise<void>
  /** Removes what was the one before until then, also where an agent was killed over it. */
  sweep(): Promise<void>
}

/** `path`, `<path>.1` before it, and `<path>.2` on its way out. */
export class HostAuditFiles implements AuditFiles {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  open(): AuditFile {
    mkdirSync(dirname(this.#path), { recursive: true })
    const fd = openSync(this.#path, 'a', 0o640)
    return {
      sizeBytes: fstatSync(fd).size,
      // Into the host's memory, which is done before another thread would have heard of it.
      add: async text => writeFileSync(fd, text),
      sync: () => fdatasyncAsync(fd),
      close: () => closeAsync(fd),
    }
  }

  async putAside(): Promise<void> {
    // Where the one to come could not be opened it was put aside already.
    if (!existsSync(this.#path)) return
    // Onto no other file: to remove one of 64 MiB in one go held the agent up for 28 ms.
    if (existsSync(`${this.#path}.1`)) await rename(`${this.#path}.1`, `${this.#path}.2`)
    await rename(this.#path, `${this.#path}.1`)
  }

  sweep(): Promise<void> {
    return removeGently(`${this.#path}.2`)
  }
}
