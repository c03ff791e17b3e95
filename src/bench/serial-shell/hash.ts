/** A prime just below 2³¹: a product with `FACTOR` fits the 64-bit arithmetic of a shell and the doubles of JavaScript. */
export const MODULUS = 2_147_483_629
export const FACTOR = 8209

/**
 * The hash that lines in both directions carry once one was damaged: a polynomial over the characters, of a shell's builtins
 * only (2 µs a character in dash, 7 µs in bash; 60 µs in an emulated busybox).
 *
 * One damaged character is always found, more of them up to one chance in 2³¹. Printable ASCII only: whatever else
 * arrives counts as one and the same foreign character, and none is ever sent.
 */
export function lineHash(text: string, start: number): number {
  let hash = start
  for (let at = 0; at < text.length; at++) hash = (hash * FACTOR + indexOf(text.charCodeAt(at))) % MODULUS
  return hash
}

function indexOf(code: number): number {
  return code >= 32 && code <= 126 ? code - 32 : 95
}

/** What ties a part of an answer to its place: linear, so that no change of one number stays unseen. */
export function placeHash(place: { nonce: number; id: number; stream: 'o' | 'e'; offset: number }): number {
  return (place.nonce + place.id * 524_287 + place.offset * 8191 + (place.stream === 'o' ? 1 : 2)) % MODULUS
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/**
 * The CRC of POSIX `cksum`, taken piece by piece.
 *
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/cksum.html
 */
export class Cksum {
  #crc = 0
  #length = 0

  update(bytes: Uint8Array): this {
    let crc = this.#crc
    for (const byte of bytes) crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ byte]!
    this.#crc = crc
    this.#length += bytes.length
    return this
  }

  /** The same so far, to go on with in another way. */
  clone(): Cksum {
    const other = new Cksum()
    other.#crc = this.#crc
    other.#length = this.#length
    return other
  }

  /** What `cksum` prints first. */
  get value(): number {
    let crc = this.#crc
    for (let length = this.#length; length > 0; length = Math.floor(length / 256))
      crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ (length & 255)]!
    return ~crc >>> 0
  }
}
