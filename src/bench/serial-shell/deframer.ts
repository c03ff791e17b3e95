/** Characters a frame may hold: those of plain answers, base64, `!` for a newline, and `^` before what stands for another. */
const IN_FRAME = /[A-Za-z0-9 /_.,:;@%=+()*<>{}?&#|!^-]/
const KIND = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(byte < 128 && IN_FRAME.test(String.fromCharCode(byte))),
)
const MAX_FRAME_BYTES = 2048
const TILDE = 0x7e
const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * Takes frames `~…~` out of a console stream in which other programs' lines may stand anywhere.
 *
 * Feed it bytes as they come, chopped anyhow. A character outside the alphabet inside a frame begins foreign text,
 * which lasts to the end of its line; the frame then goes on. A frame that was damaged anyway fails its check.
 */
export class Deframer {
  readonly #bytes = Buffer.allocUnsafe(MAX_FRAME_BYTES)
  #length = 0
  #inside = false
  #foreign = false

  /** The frames completed by these bytes. */
  feed(bytes: Uint8Array): string[] {
    const frames: string[] = []
    for (const byte of bytes) this.#take(byte, frames)
    return frames
  }

  #take(byte: number, frames: string[]): void {
    if (this.#foreign) {
      if (byte === NEWLINE) this.#foreign = false
    } else if (byte === TILDE) {
      // A tilde both ends a frame and begins one: which of the two is found out by the checks.
      if (this.#length > 0) frames.push(this.#bytes.toString('latin1', 0, this.#length))
      this.#length = 0
      this.#inside = true
    } else if (!this.#inside) {
      // Between frames: somebody else's text, kept in the recording.
    } else if (byte === RETURN || byte === NEWLINE) {
      if (this.#length === 0) this.#inside = false
    } else if (KIND[byte] === 1 && this.#length < MAX_FRAME_BYTES) {
      this.#bytes[this.#length++] = byte
    } else {
      this.#foreign = true
    }
  }
}
