/** Random numbers that a word determines; each use has a stream of its own, which the others do not disturb. */
export class Chance {
  readonly #word: string
  #state: [number, number, number, number]

  constructor(word: string) {
    this.#word = word
    this.#state = seeded(word)
    for (let n = 0; n < 12; n++) this.next()
  }

  /** A stream of its own for one use. */
  for(use: string): Chance {
    return new Chance(`${this.#word}/${use}`)
  }

  /** At least 0, less than 1. Source: Chris Doty-Humphrey's sfc32, PractRand 0.94. */
  next(): number {
    let [a, b, c, d] = this.#state
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    this.#state = [a, b, c, d]
    return (t >>> 0) / 4_294_967_296
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** Less than `n`. */
  below(n: number): number {
    return Math.floor(this.next() * n)
  }

  happens(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(things: readonly T[]): T {
    return things[this.below(things.length)]!
  }

  /** Between two limits, even on a scale where each factor counts alike. */
  magnitude(least: number, most: number): number {
    return least * (most / least) ** this.next()
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)))
  }
}

/** Source: Bob Jenkins' one-at-a-time hash, four times. */
function seeded(word: string): [number, number, number, number] {
  const hash = (start: number): number => {
    let h = start
    for (let at = 0; at < word.length; at++) {
      h = Math.imul(h ^ word.charCodeAt(at), 2_654_435_761)
      h = (h << 13) | (h >>> 19)
    }
    h = Math.imul(h ^ (h >>> 16), 2_246_822_507)
    return h ^ (h >>> 13)
  }
  return [hash(1), hash(2), hash(3), hash(4)]
}
