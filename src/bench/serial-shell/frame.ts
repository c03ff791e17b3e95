import { Cksum, lineHash, MODULUS, placeHash } from './hash.ts'

export type StreamName = 'o' | 'e'

/** Size and, where the board has `cksum`, the CRC of one output. */
export interface StreamFacts {
  readonly size: number
  readonly crc: number | undefined
}

/**
 * What the board says, each frame proven by its own check. `id` and `ran`: the number of the line that ran the command.
 * `before`: what the board waited for before it jumped to `next`, while no line followed the jump.
 */
export type Frame =
  | { readonly kind: 'waits'; readonly next: number; readonly ran: number; readonly before: number | undefined }
  | {
      readonly kind: 'ready'
      readonly next: number
      readonly encoding: Encoding
      readonly cksum: boolean
      readonly split: boolean
      readonly writes: boolean
      readonly proof: string
    }
  | { readonly kind: 'whole'; readonly id: number; readonly status: number; readonly o: Buffer; readonly e: Buffer }
  | {
      readonly kind: 'head'
      readonly id: number
      readonly status: number
      readonly o: StreamFacts
      readonly e: StreamFacts
    }
  | {
      readonly kind: 'part'
      readonly id: number
      readonly stream: StreamName
      readonly offset: number
      readonly bytes: Buffer
      readonly proven: boolean
    }
  | { readonly kind: 'sent'; readonly id: number; readonly line: number }
  | { readonly kind: 'unsendable' | 'unwritable'; readonly id: number }

/** How binary output travels: base64, hexadecimal, or not at all. */
export type Encoding = 'base64' | 'hex' | 'none'

const NUMBER = /^\d{1,15}$/

/** What both ends agreed upon: the number every check begins with, and how binary output travels. */
export interface Session {
  readonly nonce: number
  readonly encoding: Encoding
}

/**
 * Reads frames: each proven by a hash, or by a second copy right behind it on a line that is clean.
 *
 * Two copies alike cost a small board nothing, where a hash costs it milliseconds; damage that hits both alike is possible
 * only on a line that was seen to damage much, and there hashes are asked for.
 */
export class FrameReader {
  readonly #session: Session
  readonly #onDamage: () => void
  #copy: string | undefined

  constructor(session: Session, onDamage: () => void) {
    this.#session = session
    this.#onDamage = onDamage
  }

  /** What a frame says, or nothing when it is damaged, of another session, not ours at all, or the first of two. */
  read(text: string): Frame | undefined {
    const copy = this.#copy
    this.#copy = undefined
    if (!text.startsWith('=')) {
      if (copy !== undefined) this.#onDamage()
      const part = PART.exec(text)
      return part ? readPart(part, this.#session) : readHashed(text, this.#session)
    }
    if (copy === text) return readTwice(text, this.#session)
    if (copy !== undefined) this.#onDamage()
    this.#copy = text
    return undefined
  }
}

const PART = /^(\d{1,9})\.([oe])\.(\d{1,12})\.([hcu])(\d{1,10})\.([A-Za-z0-9+/=]+)$/

function readTwice(text: string, session: Session): Frame | undefined {
  const [, tag, length, body] = /^=(\d{1,10})\.(\d{1,4})\.(.*)$/.exec(text) ?? []
  return Number(tag) === session.nonce && Number(length) === body?.length ? readBody(body, session) : undefined
}

function readHashed(text: string, session: Session): Frame | undefined {
  const dot = text.lastIndexOf('.')
  const body = text.slice(0, Math.max(0, dot))
  const hash = text.slice(dot + 1)
  return NUMBER.test(hash) && Number(hash) === lineHash(body, session.nonce) ? readBody(body, session) : undefined
}

function readBody(body: string, { encoding }: Session): Frame | undefined {
  const [first = '', second = '', ...rest] = body.split('.')
  if (first === 'n') return readWaits(Number(second), rest)
  if (first === 'r') return readReady(Number(second), rest)
  const id = Number(first)
  switch (second) {
    case 'p':
      return readText(id, Number(rest[0]), rest.slice(1).join('.'))
    case 'c':
      if (encoding === 'none') return undefined
      return {
        kind: 'whole',
        id,
        status: Number(rest[0]),
        o: Buffer.from(rest[1] ?? '', encoding),
        e: Buffer.from(rest[2] ?? '', encoding),
      }
    case 'l':
      return { kind: 'head', id, status: Number(rest[0]), o: factsOf(rest[1], rest[2]), e: factsOf(rest[3], rest[4]) }
    case 'z':
      return { kind: 'sent', id, line: Number(rest[0]) }
    case 'u':
      return { kind: 'unsendable', id }
    case 'd':
      return { kind: 'unwritable', id }
    default:
      return undefined
  }
}

/** Text as `prelude.ts` has it travel. */
function readText(id: number, status: number, text: string): Frame {
  const [o = '', e = ''] = text.split('^e').map(part =>
    part.replaceAll(/!|\^(\d{3})/g, (_, code?: string) => {
      if (code === undefined) return '\n'
      return code === '100' ? '\t' : String.fromCharCode(Number(code) - 100 + 0x20)
    }),
  )
  return { kind: 'whole', id, status, o: Buffer.from(o, 'latin1'), e: Buffer.from(e, 'latin1') }
}

function readWaits(next: number, [ran, before]: string[]): Frame {
  return { kind: 'waits', next, ran: ran ? Number(ran) : -1, before: before ? Number(before) : undefined }
}

function factsOf(crc: string | undefined, size: string | undefined): StreamFacts {
  return { size: Number(size), crc: crc === '-' ? undefined : Number(crc) }
}

function readReady(next: number, [encoding, cksum, writes, proof = '']: string[]): Frame {
  return {
    kind: 'ready',
    next,
    encoding: encoding === 'b' ? 'base64' : encoding === 'x' ? 'hex' : 'none',
    cksum: cksum === 'c' || cksum === 's',
    split: cksum === 's',
    writes: writes === 'w',
    proof,
  }
}

function readPart(match: RegExpExecArray, { nonce, encoding }: Session): Frame | undefined {
  const [, idText, streamText, offsetText, how, check, data] = match as unknown as string[]
  if (encoding === 'none') return undefined
  const stream = streamText as StreamName
  const place = { nonce, id: Number(idText), stream, offset: Number(offsetText) }
  const start = placeHash(place)
  const bytes = Buffer.from(data!, encoding)
  const { id, offset } = place
  if (how === 'u')
    return data!.length === Number(check) ? { kind: 'part', id, stream, offset, bytes, proven: false } : undefined
  // A hash is of the text that travelled, a CRC of the bytes it stands for.
  const expected = how === 'h' ? lineHash(data!, start) : (new Cksum().update(bytes).value + start) % MODULUS
  if (expected !== Number(check)) return undefined
  return { kind: 'part', id, stream, offset, bytes, proven: true }
}
