import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A pipe of the kernel's whose ends are plain descriptors, which Node.js has no call for. */
export class Fifo implements Disposable {
  readonly readFd: number
  readonly writeFd: number
  #isOpen = true

  /** Errors: what the system says. */
  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'hil-fifo-'))
    try {
      const path = join(folder, 'pipe')
      execFileSync('mkfifo', [path])
      // Opened for both, it waits for nobody; after that its other end need not wait either.
      this.writeFd = openSync(path, 'r+')
      this.readFd = openSync(path, 'r')
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  /** From now on it ends when those have ended that were given it. */
  closeWriteEnd(): void {
    if (this.#isOpen) closeSync(this.writeFd)
    this.#isOpen = false
  }

  [Symbol.dispose](): void {
    this.closeWriteEnd()
    closeSync(this.readFd)
  }
}
