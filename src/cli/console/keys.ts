/** What a person can tell this program, and not the board. */
export type Command = 'leave' | 'claim' | 'release' | 'size' | 'help'

/** What a keystroke means: bytes for the board, or a word for us. */
export type Typed = { readonly bytes: Buffer } | { readonly command: Command }

/** Ctrl-], as telnet has it: few shells and editors use it. */
const ESCAPE = 0x1d

const COMMANDS: Readonly<Record<string, Command>> = {
  '.': 'leave',
  q: 'leave',
  c: 'claim',
  r: 'release',
  w: 'size',
  '?': 'help',
}

export const HELP = [
  'Ctrl-] .  leave',
  'Ctrl-] c  claim the console, to write',
  'Ctrl-] r  release it, and go on watching',
  "Ctrl-] w  type 'stty rows … cols …', so that the board's shell knows the size of this window",
  'Ctrl-] Ctrl-]  send one Ctrl-]',
  'Everything else goes to the board, Ctrl-C included; while you only watch, Ctrl-C leaves.',
]

/** Takes the commands out of what is typed, wherever it is cut. A key that is none of them goes to the board. */
export class Keys {
  #escaped = false

  feed(bytes: Buffer): Typed[] {
    const typed: Typed[] = []
    let plain: number[] = []
    const flush = (): void => {
      if (plain.length > 0) typed.push({ bytes: Buffer.from(plain) })
      plain = []
    }
    for (const byte of bytes) {
      const command = this.#escaped ? COMMANDS[String.fromCharCode(byte)] : undefined
      if (command) {
        flush()
        typed.push({ command })
      }
      if (!this.#escaped && byte === ESCAPE) {
        this.#escaped = true
        continue
      }
      if (!command) plain.push(byte)
      this.#escaped = false
    }
    flush()
    return typed
  }
}
