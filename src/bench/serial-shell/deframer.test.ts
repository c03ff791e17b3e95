import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AnswerAssembly } from './answer.ts'
import { Deframer } from './deframer.ts'

const KERNEL = '[   12.345678] usb 1-1: new high-speed USB device ~tilde~\r\n'
function answersIn(id: string, text: string): string[] {
  const assembly = new AnswerAssembly(id)
  return frames(text).flatMap(frame => {
    const progress = assembly.take(frame)
    return progress.state === 'done' ? [progress.answer.stdout.toString()] : []
  })
}

const md5 = (bytes: string | Buffer): string => createHash('md5').update(bytes).digest('hex')
const frames = (text: string): string[] => new Deframer().feed(Buffer.from(text, 'latin1'))

test('frames are found wherever the bytes are cut', () => {
  const text = `noise\r\n~1.p.0.3.abc~1.p.0.3.abc~\r\nmore noise\r\n~2.z~2.z~\r\n`
  for (let cut = 0; cut <= text.length; cut++) {
    const deframer = new Deframer()
    const found = [text.slice(0, cut), text.slice(cut)].flatMap(part => deframer.feed(Buffer.from(part)))
    assert.deepEqual(found, ['1.p.0.3.abc', '1.p.0.3.abc', '2.z', '2.z'], `cut at ${cut}`)
  }
})

test('a kernel line in one copy of an answer does not change it, at worst it is asked for again', () => {
  const text = '~7.p.0.5.hello~7.p.0.5.hello~\r\n'
  for (let at = 0; at <= text.length; at++) {
    const noisy = text.slice(0, at) + KERNEL.replaceAll('~', '') + text.slice(at)
    const answers = answersIn('7', noisy + text)
    assert.deepEqual(answers[0], 'hello', `kernel line at ${at}`)
  }
})

test('no damage of one copy makes another answer believed', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.nat(13), fc.nat(13), (noise, at, lost) => {
      const copy = '~7.p.0.5.hello'
      const damaged = copy.slice(0, at) + noise + copy.slice(at + lost)
      for (const text of [`${damaged}${copy}~\r\n`, `${copy}${damaged}~\r\n`])
        for (const answer of answersIn('7', text)) assert.equal(answer, 'hello')
    }),
    { numRuns: 2000 },
  )
})

test('a long answer is believed by size and checksum only', () => {
  const stdout = Buffer.from('x'.repeat(700))
  const base64 = stdout.toString('base64')
  const head = `3.l.4.${md5(stdout)}.${md5('')}`
  const parts = [base64.slice(0, 480), base64.slice(480)].map((text, n) => `3.o.${n}.${text.length}.${text}`)
  const whole = new AnswerAssembly('3')
  assert.deepEqual(
    [head, ...parts].map(frame => whole.take(frame).state),
    ['more', 'more', 'more'],
  )
  const done = whole.take('3.z')
  assert.equal(done.state, 'done')
  assert.ok(done.state === 'done' && done.answer.exitCode === 4 && done.answer.stdout.equals(stdout))

  const missing = new AnswerAssembly('3')
  for (const frame of [head, parts[1]!]) missing.take(frame)
  assert.equal(missing.take('3.z').state, 'again')

  const flipped = new AnswerAssembly('3')
  for (const frame of [head, parts[0]!.replace(/A/, 'B').replace(/e/, 'f'), parts[1]!]) flipped.take(frame)
  assert.equal(flipped.take('3.z').state, 'again')
})
