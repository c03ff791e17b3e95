import type { Woken } from './sh/running.ts'

const INTERRUPTS = new Set(['\u0003', '\u001c'])
const WIPE = '\u0015'
const MAX_LINE_CHARS = 4095

/** A board's side of its console, as the kernel has it: lines are edited, echoed and kept for whoever reads. */
export class Terminal {
  readonly is = 'terminal'
  echo = true
  readonly #say: (text: string) => void
  readonly #lines: string[] = []
  #typed = ''
  #reader: ((woken: Woken) => void) | undefined
  /** Told when somebody presses a key that interrupts. */
  onInterrupt: (() => void) | undefined

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** What programs print. */
  write(text: string): void {
    this.#say(text.replaceAll('\n', '\r\n'))
  }

  /** What arrives on the line, a character a byte. */
  take(text: string): void {
    let echo = ''
    for (const char of text) {
      if (INTERRUPTS.has(char)) {
        echo += char === '\u0003' ? '^C' : '^\\'
        this.#typed = ''
        this.#lines.length = 0
        this.onInterrupt?.()
      } else if (char === WIPE) {
        echo += '\b \b'.repeat(Math.min(this.#typed.length, 4))
        this.#typed = ''
      } else if (char === '\n' || char === '\r') {
        echo += '\r\n'
        this.#lines.push(this.#typed)
        this.#typed = ''
        this.#serve()
      } else if (this.#typed.length < MAX_LINE_CHARS) {
        this.#typed += char
        echo += char
      }
    }
    if (this.echo && echo !== '') this.#say(echo)
  }

  /** Hands over the next line, once there is one. */
  read(reader: (woken: Woken) => void): void {
    this.#reader = reader
    this.#serve()
  }

  /** Nobody reads any more. */
  leave(): void {
    this.#reader = undefined
  }

  #serve(): void {
    const reader = this.#reader
    if (!reader || this.#lines.length === 0) return
    this.#reader = undefined
    reader({ line: this.#lines.shift()! })
  }
}
