import { chained } from './core.ts'
import { lineHash, MODULUS } from './hash.ts'
import { split, type Line } from './typed.ts'

/** Texts on their way to the board, as lines that it will run one after the other. */
export class Typing {
  #pending: Pending[] = []
  /** How many of them were typed since one was last refused. */
  #typed = 0
  /** Over the pieces that the board has taken. */
  #chain: number | undefined

  constructor(texts: readonly string[], pieceChars: number) {
    this.restart(texts, pieceChars)
  }

  get empty(): boolean {
    return this.#pending.length === 0
  }

  /** How many of them were typed and have not run, as far as it is known. */
  get typed(): number {
    return this.#typed
  }

  /** From the beginning, or something else. */
  restart(texts: readonly string[], pieceChars: number): void {
    this.#pending = texts.map(text => ({ line: { kind: 'text', text } }))
    this.again(pieceChars)
  }

  /** Types what was not taken once more, in pieces that may have become smaller. */
  again(pieceChars: number): void {
    this.#pending = this.#pending.flatMap(({ line }) => split(line, pieceChars).map(part => ({ line: part })))
    this.#typed = 0
  }

  /** Types what was not taken once more, as it was. */
  resend(): void {
    this.#typed = 0
  }

  over(): void {
    this.#pending = []
    this.#typed = 0
  }

  /** The board has run so many lines. */
  ran(count: number): void {
    for (const pending of this.#pending.slice(0, count)) this.#chain = afterwards(this.#chain, pending)
    this.#pending = this.#pending.slice(count)
    this.#typed = Math.max(0, this.#typed - count)
  }

  /**
   * What may be typed now, from line number `next` on: one line at least, more of them up to some characters. `hashed`:
   * with a hash instead of twice.
   */
  *due(
    nonce: number,
    next: number,
    { hashed, aheadChars }: { hashed: boolean; aheadChars: number },
  ): Generator<string> {
    let chain = this.#chain
    let chars = 0
    for (const [n, pending] of this.#pending.entries()) {
      const { line } = pending
      const number = next + n
      const text = line.kind === 'handOn' ? `_x ${chain} ${line.to}` : line.text
      chars += text.length
      if (n >= this.#typed) {
        if (n > 0 && chars > aheadChars) return
        this.#typed = n + 1
        pending.number = number
        yield hashed
          ? `${lineHash(text, (nonce + number) % MODULUS)}.${text}\n`
          : `${number}.${text}\t${number}.${text}\n`
      }
      chain = afterwards(chain, pending)
    }
  }
}

interface Pending {
  readonly line: Line
  /** Under which it was typed: what the board takes into its chain. */
  number?: number
}

function afterwards(chain: number | undefined, { line, number = 0 }: Pending): number | undefined {
  if (line.kind !== 'piece') return chain
  return chained(line.text.startsWith('=') ? undefined : chain, number)
}
