/** One direction of a serial line: bytes go through at a rate, in order, and none is lost. */
export class PacedLine implements Disposable {
  readonly #bytesPerMs: number
  readonly #deliver: (bytes: Buffer) => void
  #waiting: { bytes: Buffer; gone: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  /** Up to when the line is paid for. */
  #paidMs = 0

  /** 8N1: ten bits a byte. */
  constructor(baud: number, deliver: (bytes: Buffer) => void) {
    this.#bytesPerMs = baud / 10_000
    this.#deliver = deliver
  }

  /** Resolves when the last of these bytes is on the line. */
  send(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ bytes: Buffer.from(bytes), gone: resolve })
    if (!this.#timer) this.#paidMs = performance.now()
    this.#timer ??= setInterval(() => this.#step(), 1)
    return promise
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #step(): void {
    let due = Math.floor((performance.now() - this.#paidMs) * this.#bytesPerMs)
    this.#paidMs += due / this.#bytesPerMs
    for (let first = this.#waiting[0]; first && due > 0; first = this.#waiting[0]) {
      const part = first.bytes.subarray(0, due)
      due -= part.length
      first.bytes = first.bytes.subarray(part.length)
      this.#deliver(part)
      if (first.bytes.length > 0) return
      this.#waiting.shift()
      first.gone()
    }
    if (this.#waiting.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
