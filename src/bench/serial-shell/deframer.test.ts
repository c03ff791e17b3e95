import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AnswerAssembly, PartSize } from './answer.ts'
import { Deframer } from './deframer.ts'
import { FrameReader, type Frame, type Session } from './frame.ts'
import { Cksum, lineHash, MODULUS, placeHash } from './hash.ts'

const KERNEL = '[   12.345678] usb 1-1: new high-speed USB device \r\n'
const SESSION: Session = { nonce: 4711, encoding: 'base64' }
const frames = (text: string): string[] => new Deframer().feed(Buffer.from(text, 'latin1'))
let damages = 0
function said(text: string): Frame[] {
  const reader = new FrameReader(SESSION, () => damages++)
  return frames(text).flatMap(frame => reader.read(frame) ?? [])
}
const twice = (body: string): string => `~=4711.${body.length}.${body}`.repeat(2) + '~\r\n'
const signed = (body: string): string => `~${body}.${lineHash(body, SESSION.nonce)}~\r\n`

function part(id: number, offset: number, bytes: Buffer, how: 'h' | 'c' | 'u' = 'h'): string {
  const data = bytes.toString('base64')
  if (how === 'u') return `~${id}.o.${offset}.u${data.length}.${data}~\r\n`
  const start = placeHash({ nonce: SESSION.nonce, id, stream: 'o', offset })
  const check = how === 'h' ? lineHash(data, start) : (new Cksum().update(bytes).value + start) % MODULUS
  return `~${id}.o.${offset}.${how}${check}.${data}~\r\n`
}

test('frames are found wherever the bytes are cut', () => {
  const text = `noise\r\n~1.p.0.abc~\r\nmore ~ noise\r\n~2.z~\r\n`
  for (let cut = 0; cut <= text.length; cut++) {
    const deframer = new Deframer()
    const found = [text.slice(0, cut), text.slice(cut)].flatMap(piece => deframer.feed(Buffer.from(piece)))
    assert.deepEqual(found, ['1.p.0.abc', ' noise', '2.z'], `cut at ${cut}`)
  }
})

const HELLO = { kind: 'whole', id: 7, status: 0, o: Buffer.from('hello\n'), e: Buffer.of() }
for (const [how, frame] of [
  ['hashed', signed('7.p.0.hello!')],
  ['sent twice', twice('7.p.0.hello!')],
] as const) {
  test(`${how}: a kernel line inside a frame does not change it`, () => {
    for (let at = 0; at < frame.length - 1; at++)
      assert.deepEqual(said(frame.slice(0, at) + KERNEL + frame.slice(at)), [HELLO], `kernel line at ${at}`)
  })

  test(`${how}: no damage of one place makes a frame say something else`, () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.nat(frame.length), fc.nat(9), (noise, at, lost) => {
        const damaged = frame.slice(0, at) + noise + frame.slice(at + lost)
        for (const found of said(damaged)) assert.deepEqual(found, HELLO)
      }),
      { numRuns: 5000 },
    )
  })
}

test('a frame that came once only tells of damage', () => {
  damages = 0
  assert.deepEqual(said(`${twice('7.p.0.hello!').replace('hello', 'hallo')}${twice('8.p.0.x')}`).length, 1)
  assert.equal(damages, 2)
})

test('a frame of another session says nothing', () => {
  assert.deepEqual(said(twice('7.p.0.hello!').replaceAll('4711', '4712')), [])
})

test('no flipped bit, lost or doubled byte of a part passes, in whichever place', () => {
  for (const how of ['h', 'c'] as const) {
    const text = part(7, 384, Buffer.from('some bytes of an answer'), how)
    const original = said(text)[0]
    assert.ok(original?.kind === 'part' && original.offset === 384)
    for (let at = 1; at < text.length - 3; at++) {
      const changes = [text.slice(0, at) + text.slice(at + 1), text.slice(0, at + 1) + text.slice(at)]
      for (let bit = 0; bit < 8; bit++)
        changes.push(text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 << bit)) + text.slice(at + 1))
      for (const changed of changes)
        for (const found of said(changed)) assert.deepEqual(found, original, JSON.stringify(changed))
    }
  }
})

test('the CRC is that of cksum, taken in any pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(700), (bytes, cut) => {
      const known = execFileSync('cksum', { input: bytes }).toString().split(' ')[0]
      assert.equal(String(new Cksum().update(bytes.subarray(0, cut)).update(bytes.subarray(cut)).value), known)
    }),
    { numRuns: 40 },
  )
})

/** An assembly, what it delivered, and a board that answers what it asks for. */
function assembling(bytes: Buffer, how: 'h' | 'u' = 'h') {
  const size = 384
  damages = 0
  const out: Buffer[] = []
  const assembly = new AnswerAssembly((stream, piece) => void (stream === 'o' && out.push(piece)), new PartSize(), {
    lineChars: 240,
    damaged: () => damages++,
  })
  assembly.begins(3)
  const crc = new Cksum().update(bytes).value
  const head = signed(`3.l.4.${crc}.${bytes.length}.${new Cksum().value}.0`)
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    part(3, n * size, bytes.subarray(n * size, (n + 1) * size), how),
  )
  const give = (texts: string[]): boolean =>
    texts
      .flatMap(said)
      .map(frame => assembly.take(frame))
      .some(Boolean)
  return { assembly, head, parts, give, text: () => Buffer.concat(out).toString() }
}

const LONG = Buffer.from(Array.from({ length: 1000 }, (_, n) => `line ${n}\n`).join(''))

test('a long answer is whole when all its parts are, in whatever order and however often they come', () => {
  const shuffle = fc.shuffledSubarray(
    Array.from({ length: 23 }, (_, n) => n),
    { minLength: 23, maxLength: 23 },
  )
  fc.assert(
    fc.property(shuffle, fc.nat(22), (order, again) => {
      const { assembly, head, parts, give, text } = assembling(LONG)
      assert.equal(parts.length, 24)
      assert.equal(give([head, ...order.map(n => parts[n]!), parts[order[again]!]!]), false)
      assert.equal(assembly.ask(), '_hg o 384 23 1;_hz')
      assert.equal(give([parts[23]!]), true)
      assert.ok(assembly.proven)
      assert.equal(assembly.exitCode, 4)
      assert.equal(text(), LONG.toString())
    }),
    { numRuns: 50 },
  )
})

test('parts without a check of their own are proven by the CRC of all, and sent with one where it does not fit', () => {
  const good = assembling(LONG, 'u')
  assert.equal(good.give([good.head, ...good.parts]), true)
  assert.equal(good.text(), LONG.toString())
  const bad = assembling(LONG, 'u')
  const flipped = bad.parts.map((text, n) =>
    n === 3 ? `${text.slice(0, 40)}${text[40] === 'A' ? 'B' : 'A'}${text.slice(41)}` : text,
  )
  assert.notEqual(flipped[3], bad.parts[3])
  assert.equal(bad.give([bad.head, ...flipped]), false)
  assert.equal(bad.text(), '')
  assert.ok(damages > 0)
  assert.match(bad.assembly.ask()!, /^_hg o \d+ 0 \d+;_hz$/)
})

test('only what is missing is asked for, and in smaller parts when much of it is', () => {
  const { assembly, head, parts, give } = assembling(LONG)
  give([head, ...parts.filter((_, n) => n !== 5 && n !== 9)])
  assert.equal(assembly.ask(), '_hg o 384 5 1;_hg o 384 9 1;_hz')
  give([parts[5]!])
  // One of two came: that is a bad line.
  assert.equal(assembly.ask(), '_hg o 192 18 2;_hz')
})

test('what cannot be had is asked for a bounded number of times', () => {
  const { assembly, head, give } = assembling(LONG)
  give([head])
  let asked = 0
  while (assembly.ask() !== undefined) asked++
  assert.ok(asked > 3 && asked < 50)
})

test('an answer of an earlier command is not taken for this one', () => {
  const { assembly, give } = assembling(LONG)
  assert.equal(give([signed('2.p.0.old!')]), false)
  assert.equal(assembly.begun, false)
})
