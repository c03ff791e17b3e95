/** Characters a frame may hold: the plain alphabet of the prelude, base64, and `!` for a newline. */
const IN_FRAME = /^[A-Za-z0-9 /_.,:;@%=+()*<>{}?&#|!-]$/
const MAX_FRAME_CHARS = 4096

/**
 * Takes frames `~…~` out of a console stream in which other programs' lines may stand anywhere.
 *
 * Feed it bytes as they come, chopped anyhow. A character outside the alphabet inside a frame begins foreign text,
 * which lasts to the end of its line; the frame then goes on. A frame that was damaged anyway shows by its length.
 */
export class Deframer {
  #frame: string | undefined
  #foreign = false

  /** The frames completed by these bytes. */
  feed(bytes: Uint8Array): string[] {
    const frames: string[] = []
    for (const byte of bytes) this.#take(String.fromCharCode(byte), frames)
    return frames
  }

  #take(char: string, frames: string[]): void {
    if (this.#foreign) {
      if (char === '\n') this.#foreign = false
    } else if (char === '~') {
      // A tilde both ends a frame and begins the next: an answer is `~frame~frame~`.
      if (this.#frame) frames.push(this.#frame)
      this.#frame = ''
    } else if (this.#frame === undefined) {
      // Between frames: somebody else's text, kept in the recording.
    } else if (char === '\r' || char === '\n') {
      if (this.#frame === '') this.#frame = undefined
    } else if (IN_FRAME.test(char) && this.#frame.length < MAX_FRAME_CHARS) {
      this.#frame += char
    } else {
      this.#foreign = true
    }
  }
}
