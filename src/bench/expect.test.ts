import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import type { Match } from '../controls/console.ts'
import { expectIn } from './expect.ts'
import { prepare, refuseEndOfText } from './expect/pattern.ts'
import { Search } from './expect/search.ts'
import { Recording } from './recording.ts'

const late = (): Fault => new Fault('product/hang', { expected: 'it', seen: 'not it' })
const recordingOf = (text: string | Buffer): Recording => {
  const recording = new Recording(undefined, systemClock, fault => assert.fail(fault))
  recording.append(Buffer.from(text as string))
  return recording
}

/** What is found when the bytes come in such pieces. */
function foundIn(pieces: readonly Buffer[], pattern: RegExp): Match | undefined {
  const search = new Search(prepare(pattern, 4096), 0)
  let offset = 0
  for (const piece of pieces) {
    const match = search.take(piece, offset)
    if (match) return match
    offset += piece.length
  }
  return undefined
}

const BOOT = Buffer.from(
  [
    '\u001b[0mSeaBIOS (version 1.16)\r\n',
    '[    0.000000] Linux version 6.12.1 (nix@build)\r\n',
    'ghaf-host lögin: \r\n',
    'addr 192.168.1.17/24 dev eth0\r\nxaxbxab [  OK  ] Started <unit-7>.\r\n',
    'Kernel panic - not syncing: Attempted to kill init!\r\nghaf-host login: ',
  ].join(''),
)
const PATTERNS: [pattern: RegExp, found: string | undefined][] = [
  [/addr ([\d.]{7,15})\/\d\d/, 'addr 192.168.1.17/24'],
  [/[\w.-]{1,64} login: /, 'ghaf-host login: '],
  [/[\w.-]{1,64} lögin: /, 'ghaf-host lögin: '],
  [/gh[äa]f-h[öo]st l[öä]gin/u, 'ghaf-host lögin'],
  // Greedy inside: whatever arrives behind the first `b` must not make it longer.
  [/\nx.{0,5}b/, '\nxaxb'],
  [/d.{0,9}r/, 'ddr'],
  [/(?:unit-7|unit-7>\.)/, 'unit-7'],
  [/(?:unit-7>\.|unit-7)/, 'unit-7'],
  [/^addr/m, 'addr'],
  [/\bKernel panic[^\r\n]{0,200}\r?\n/, 'Kernel panic - not syncing: Attempted to kill init!\r\n'],
  [/LINUX VERSION \d{1,2}\./i, 'Linux version 6.'],
  [/(?<=\[ {2}OK {2}\] )Started/, 'Started'],
  [/never said/, undefined],
]

for (const [pattern, found] of PATTERNS)
  test(`${pattern} finds the same wherever the transcript is cut`, () => {
    const whole = foundIn([BOOT], pattern)
    assert.equal(whole?.text, found)
    if (whole) assert.equal(BOOT.subarray(whole.from, whole.to).toString(), found)
    for (let cut = 0; cut <= BOOT.length; cut++)
      assert.deepEqual(foundIn([BOOT.subarray(0, cut), BOOT.subarray(cut)], pattern), whole, `cut at ${cut}`)
    assert.deepEqual(
      foundIn(
        Array.from(BOOT, byte => Buffer.of(byte)),
        pattern,
      ),
      whole,
    )
    const thirds = fc.tuple(fc.nat(BOOT.length), fc.nat(BOOT.length))
    fc.assert(
      fc.property(thirds, cuts => {
        const [low, high] = cuts.toSorted((a, b) => a - b)
        const pieces = [BOOT.subarray(0, low), BOOT.subarray(low, high), BOOT.subarray(high)]
        assert.deepEqual(foundIn(pieces, pattern), whole)
      }),
    )
  })

test('a text that every match has saves looking at what lies between, and no match is lost by it', () => {
  const noise = Buffer.from('login prompts are rare, and MARK alone is none\n'.repeat(400))
  for (const pattern of [/MARK-(\d{1,9}) /, /(?:x|y)MARK-(\d{1,9}) /, /\bMARK-(\d{1,9}) \r?\n/]) {
    const said = Buffer.concat([noise, Buffer.from('xMARK-12 \n MARK-34 \n'), noise])
    const whole = foundIn([said], pattern)
    assert.ok(whole)
    // A cut anywhere in and around the match, with pieces large enough to be skipped on both sides.
    for (let cut = noise.length - 20; cut < noise.length + 25; cut++)
      assert.deepEqual(foundIn([said.subarray(0, cut), said.subarray(cut)], pattern), whole, `${pattern} cut at ${cut}`)
  }
})

const REFUSED: [pattern: RegExp, why: RegExp][] = [
  [/addr ([\d.]+)/, /\[\\d\.\]\+ has no limit.*next: give it one: \[\\d\.\]\{1,200\}/s],
  [/panic.*\r\n/, /\.\* has no limit/],
  [/panic.{3,}\r\n/, /next: give it one: \.\{3,200\}/],
  [/addr ([\d.]{1,15})/, /ends in \[\\d\.\]\{1,15\}.*let it end in what follows/s],
  [/login: ?/, /ends in  \?/],
  [/(?:foo|bar\d?)/, /ends in \\d\?/],
  [/word\b/, /ends in \\b/],
  [/foo(?=bar)/, /has not arrived yet/],
  [/^login/, /flag m/],
  [/(?:(?:a{0,5}){0,5}){0,5}b/, /could take for ever/],
  [/\w{0,99}\w{0,99}\w{0,99}x/, /could take for ever/],
  [/[^]{0,9999}x/, /10000 bytes, of 4096/],
  [/(a)\1 /, /refers to what was matched before/],
  [/\p{L}x/u, /list the characters/],
  [/[à-ü]x/, /list the characters/],
  [/[^ä]x/, /may name ASCII only/],
  [/ä /i, /with flag i/],
  [/[a--b]x/v, /without flag v/],
]
for (const [pattern, why] of REFUSED)
  test(`${pattern} is refused, with how to write it`, async () => {
    using recording = recordingOf('')
    const thrown = expectIn(recording, pattern, { from: 0, limitMs: 1, late })
    await assert.rejects(thrown, (fault: Fault) => fault.code === 'test/misuse' && why.test(fault.message))
  })

test('bytes that are no text are found by their numbers', () => {
  const bytes = Buffer.from([1, 2, 0xff, 0xfe, 0xc3, 0xa4, 10])
  assert.deepEqual(foundIn([bytes], /\xff\xfe/)?.from, 2)
  assert.deepEqual(foundIn([bytes], /[\x80-\xff]{2}ä/)?.from, 2)
  assert.equal(foundIn([Buffer.from('à x')], /\s/)?.from, 2)
})

test('what a prompt asks for is the end of what was said', () => {
  assert.equal(foundIn([Buffer.from('=> help\r\n=> ')], /=> $/)?.from, 9)
})

test('a suite may not ask for the end of what happens to have arrived', () => {
  assert.throws(
    () => refuseEndOfText(/login: $/),
    (fault: Fault) => fault.code === 'test/misuse',
  )
  assert.doesNotThrow(() => refuseEndOfText(/login: /))
})

test('an error of nobody is made by time or by an abort', async () => {
  using recording = recordingOf('nothing')
  await assert.rejects(expectIn(recording, /it\n/, { from: 0, limitMs: 5, late }), late())
  const signal = AbortSignal.timeout(5)
  await assert.rejects(expectIn(recording, /it\n/, { from: 0, limitMs: 5000, late, signal }), { name: 'TimeoutError' })
})

test('it searches from an offset, in what was said and in what comes, and consumes nothing', async () => {
  using recording = recordingOf('one it\n two it\n')
  const options = { limitMs: 1000, late }
  assert.equal((await expectIn(recording, /it\n/, { ...options, from: 0 })).from, 4)
  assert.equal((await expectIn(recording, /it\n/, { ...options, from: 5 })).from, 12)
  const third = expectIn(recording, /it\n/, { ...options, from: 13 })
  for (const byte of Buffer.from('three it\n')) recording.append(Buffer.of(byte))
  assert.deepEqual((await third).from, 21)
  assert.equal(
    await expectIn(recording, /^two/m, { ...options, from: 0 }).catch((fault: Fault) => fault.code),
    'product/hang',
  )
})

test('looking costs what arrives, not what was said before', () => {
  const pattern = prepare(/never [a-z]{1,20} said/, 4096)
  assert.equal(pattern.mostBytes, 31)
  let looked = 0
  const search = new Search({ ...pattern, regexp: spy(pattern.regexp, length => (looked += length)) }, 0)
  const crumb = Buffer.from('sixteen bytes..\n')
  for (let n = 0; n < 10_000; n++) search.take(crumb, n * crumb.length)
  assert.ok(looked < 10_000 * (crumb.length + 31 + 64))
})

function spy(regexp: RegExp, onLook: (length: number) => void): RegExp {
  const exec = regexp.exec.bind(regexp)
  regexp.exec = text => {
    onLook(text.length)
    return exec(text)
  }
  return regexp
}
