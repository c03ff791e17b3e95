import { humanDuration } from '../../../src/base/text.ts'

/** Tells how far a proof is: a line that is drawn again on a terminal, a line a round elsewhere. */
export class Tally implements Disposable {
  readonly #total: number
  readonly #startMs = performance.now()
  #done = 0

  constructor(total: number) {
    this.#total = total
  }

  /** A round is over; `says`: what it was. */
  round(says: string): void {
    this.#done++
    const leftMs = ((performance.now() - this.#startMs) / this.#done) * (this.#total - this.#done)
    const line = `${this.#done}/${this.#total}  ~${humanDuration(leftMs)} left  ${says}`
    if (!process.stderr.isTTY) process.stderr.write(`${line}\n`)
    else process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 100) - 1)}`)
  }

  /** Something that must stay readable. */
  say(text: string): void {
    process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[2K' : ''}${text}\n`)
  }

  [Symbol.dispose](): void {
    if (process.stderr.isTTY) process.stderr.write('\n')
  }
}
