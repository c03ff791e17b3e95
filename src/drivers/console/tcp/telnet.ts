/** Telnet's words, by their names in RFC 854, 855 and 856. */
const IAC = 255
const DONT = 254
const DO = 253
const WONT = 252
const WILL = 251
const SB = 250
const SE = 240
export const BINARY = 0
const ECHO = 1
const SUPPRESS_GO_AHEAD = 3
const CR = 13
const LF = 10
const NUL = 0

/** A subnegotiation longer than any that is of use here is damage. */
const MAX_SUBNEGOTIATION_BYTES = 512

export interface TelnetEvents {
  data(chunk: Uint8Array): void
  /** What is to be sent to the other side. */
  send(bytes: Uint8Array): void
  /** The other side agreed (`true`) or refused to let us use an option. */
  answered?(option: number, agreed: boolean): void
  subnegotiation?(option: number, bytes: Buffer): void
}

/**
 * The telnet protocol on a byte stream: takes commands out of what arrives, chopped anyhow, and escapes what is sent.
 *
 * It asks for a binary line in both directions; towards a server that refuses, a CR is followed by NUL, as RFC 854 wants.
 * Every option that is not known here is refused. Source: https://www.rfc-editor.org/rfc/rfc854, rfc855, rfc856, rfc858.
 */
export class Telnet {
  readonly #events: TelnetEvents
  readonly #ours: readonly number[]
  /** Options in force: what we do, what the other side does. */
  readonly #we = new Set<number>()
  readonly #they = new Set<number>()
  /** What we asked for, and whose answer needs none of ours. */
  readonly #asked = new Set<string>()
  #state: 'data' | 'cr' | 'iac' | 'option' | 'sub' | 'sub-iac' = 'data'
  #verb = 0
  #sub: number[] = []

  /** `ours`: options beside the usual ones that we offer. */
  constructor(events: TelnetEvents, ours: readonly number[] = []) {
    this.#events = events
    this.#ours = [BINARY, SUPPRESS_GO_AHEAD, ...ours]
  }

  /** Begins the negotiation. */
  start(): void {
    for (const option of this.#ours) this.#ask(WILL, option)
    for (const option of [BINARY, SUPPRESS_GO_AHEAD]) this.#ask(DO, option)
  }

  /** The bytes that carry `bytes` to the other side. */
  escape(bytes: Uint8Array): Uint8Array {
    const binary = this.#we.has(BINARY)
    if (!bytes.includes(IAC) && (binary || !bytes.includes(CR))) return bytes
    const escaped: number[] = []
    bytes.forEach((byte, index) => {
      escaped.push(byte)
      if (byte === IAC) escaped.push(IAC)
      if (byte === CR && !binary && bytes[index + 1] !== LF) escaped.push(NUL)
    })
    return Uint8Array.from(escaped)
  }

  subnegotiate(option: number, bytes: readonly number[]): void {
    const escaped = bytes.flatMap(byte => (byte === IAC ? [IAC, IAC] : [byte]))
    this.#events.send(Uint8Array.of(IAC, SB, option, ...escaped, IAC, SE))
  }

  feed(chunk: Uint8Array): void {
    let plain = 0
    const data = Buffer.allocUnsafe(chunk.length)
    for (const byte of chunk) {
      if (this.#state === 'data' && byte !== IAC && byte !== CR) data[plain++] = byte
      else if (this.#take(byte)) data[plain++] = byte
    }
    if (plain > 0) this.#events.data(data.subarray(0, plain))
  }

  /** Whether the byte is data. */
  #take(byte: number): boolean {
    switch (this.#state) {
      case 'cr':
        this.#state = 'data'
        // The NUL that stands behind a CR on a line that is not binary.
        if (byte === NUL) return false
        return this.#take(byte)
      case 'data':
        if (byte === IAC) this.#state = 'iac'
        else if (byte === CR && !this.#they.has(BINARY)) this.#state = 'cr'
        return byte !== IAC
      case 'iac':
        this.#state = 'data'
        if (byte === IAC) return true
        if (byte === SB) this.#begin('sub')
        else if (byte >= WILL) this.#begin('option', byte)
        return false
      case 'option':
        this.#state = 'data'
        this.#negotiate(this.#verb, byte)
        return false
      case 'sub':
        if (byte === IAC) this.#state = 'sub-iac'
        else this.#collect(byte)
        return false
      case 'sub-iac':
        this.#state = 'sub'
        if (byte === IAC) this.#collect(byte)
        else this.#end(byte)
        return false
    }
  }

  #begin(state: 'sub' | 'option', verb = 0): void {
    this.#state = state
    this.#verb = verb
    this.#sub = []
  }

  #collect(byte: number): void {
    if (this.#sub.length < MAX_SUBNEGOTIATION_BYTES) this.#sub.push(byte)
  }

  #end(byte: number): void {
    this.#state = 'data'
    const [option, ...bytes] = this.#sub
    if (byte === SE && option !== undefined) this.#events.subnegotiation?.(option, Buffer.from(bytes))
  }

  /** Answers only what changes something, or two sides would go on for ever (RFC 1143). */
  #negotiate(verb: number, option: number): void {
    const aboutUs = verb === DO || verb === DONT
    const on = verb === DO || verb === WILL
    const inForce = aboutUs ? this.#we : this.#they
    const wanted = aboutUs ? this.#ours.includes(option) : [BINARY, SUPPRESS_GO_AHEAD, ECHO].includes(option)
    const asked = this.#asked.delete(`${aboutUs ? WILL : DO} ${option}`)
    if (aboutUs && asked) this.#events.answered?.(option, on)
    if (on && wanted) {
      if (!asked && !inForce.has(option)) this.#say(aboutUs ? WILL : DO, option)
      inForce.add(option)
    } else if (on) {
      this.#say(aboutUs ? WONT : DONT, option)
    } else {
      if (inForce.delete(option)) this.#say(aboutUs ? WONT : DONT, option)
    }
  }

  #ask(verb: number, option: number): void {
    this.#asked.add(`${verb} ${option}`)
    this.#say(verb, option)
  }

  #say(verb: number, option: number): void {
    this.#events.send(Uint8Array.of(IAC, verb, option))
  }
}
