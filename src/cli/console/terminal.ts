import { once } from 'node:events'
import type { ReadStream, WriteStream } from 'node:tty'
import { harmlessLines } from '../../base/text.ts'

/** The streams a person, or a pipe, is at. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

const NEWLINE = 0x0a
/** What a board may have left switched on: colours, a hidden cursor, bracketed paste, mouse reports. */
const CALM = '\u001b[0m\u001b[?25h\u001b[?2004l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l'

/**
 * Standard input and output as a console uses them: raw keys where there is a terminal, whatever the pipe holds where
 * there is none. The terminal is put back as it was in every ending but a SIGKILL.
 */
export class Terminal implements Disposable {
  /** Somebody sits here, and sees what is typed by the board's echo only. */
  readonly interactive: boolean
  readonly #streams: Streams
  readonly #restore = (): void => this[Symbol.dispose]()
  #raw = false
  /** What the board said last is a line that it has not ended. */
  #midLine = false

  constructor(streams: Streams = process) {
    this.#streams = streams
    this.interactive = streams.stdin.isTTY
  }

  /** From now on keys arrive as they are typed, Ctrl-C too. */
  enterRaw(): void {
    if (!this.interactive || this.#raw) return
    this.#tty.setRawMode(true)
    this.#raw = true
    // For an ending that passes nobody's `finally`.
    process.once('exit', this.#restore)
  }

  get size(): { readonly rows: number; readonly columns: number } {
    const { rows, columns } = this.#streams.stdout as Partial<WriteStream>
    // A terminal that was never told its size says 0.
    return { rows: rows || 24, columns: columns || 80 }
  }

  /** What is typed, until the input ends. `onKeys` may ask for a pause by a promise. */
  read(onKeys: (bytes: Buffer) => Promise<void> | undefined, onEnd: () => void): Disposable {
    const { stdin } = this.#streams
    const onData = (bytes: Buffer): void => {
      const wait = onKeys(bytes)
      if (!wait) return
      stdin.pause()
      void wait.finally(() => stdin.resume())
    }
    stdin.on('data', onData).once('end', onEnd)
    return {
      [Symbol.dispose]: () => {
        stdin.off('data', onData).off('end', onEnd).pause()
        // A pipe that is still open would keep the process.
        if (!this.interactive) stdin.destroy()
      },
    }
  }

  /** Resolves when the terminal is ready for more: a slow one is waited for, by nobody but its own watcher. */
  async show(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return
    const { stdout } = this.#streams
    this.#midLine = bytes.at(-1) !== NEWLINE
    if (!stdout.write(bytes)) await once(stdout, 'drain', { signal })
  }

  /** A line of our own, beside what the board says. */
  note(text: string): void {
    const lines = harmlessLines(text).split('\n')
    const said = this.#raw
      ? `${this.#midLine ? '\r\n' : '\r'}${lines.map(line => `[hil] ${line}\u001b[K\r\n`).join('')}`
      : lines.map(line => `hil: ${line}\n`).join('')
    this.#midLine = false
    this.#streams.stderr.write(said)
  }

  [Symbol.dispose](): void {
    if (!this.#raw) return
    this.#raw = false
    process.off('exit', this.#restore)
    this.#tty.setRawMode(false)
    if (this.#streams.stdout.isTTY) this.#streams.stdout.write(`${CALM}\r\n`)
  }

  get #tty(): ReadStream {
    return this.#streams.stdin
  }
}
