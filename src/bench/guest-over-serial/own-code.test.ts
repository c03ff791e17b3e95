import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { array, assert as check, boolean, nat, property, stringMatching, tuple } from 'fast-check'
import { MarkFilter, withOwnCode } from './own-code.ts'

const MARK = 'hil-hil-1~'

/** What comes out of pieces. */
function filtered(pieces: readonly string[]): { out: string; seen: boolean } {
  const filter = new MarkFilter(MARK)
  const out = pieces.map(piece => filter.pass(Buffer.from(piece)))
  return { out: Buffer.concat([...out, filter.rest()]).toString(), seen: filter.seen }
}

test('a mark is taken out wherever it stands and is cut, and nothing else is', () => {
  const text = stringMatching(/^[hil~1-]{0,12}$/)
  const whole = tuple(text, text).filter(([before, behind]) => !(before + behind).includes(MARK))
  const unambiguous = whole.filter(([before]) => `${before}${MARK}`.indexOf(MARK) === before.length)
  const cuts = array(nat(30), { maxLength: 5 })
  check(
    property(unambiguous, cuts, boolean(), ([before, behind], at, marked) => {
      const all = `${before}${marked ? MARK : ''}${behind}`
      const ends = [...at, all.length].toSorted((a, b) => a - b)
      const pieces = ends.map((end, n) => all.slice(ends[n - 1] ?? 0, end))
      assert.deepEqual(filtered(pieces), { out: before + behind, seen: marked })
    }),
  )
})

test('only a command of its own says the mark', () => {
  for (const [exitCode, marked] of [
    [0, false],
    [125, false],
    [126, true],
    [255, true],
  ] as const) {
    const [program = '', ...args] = withOwnCode(['sh', '-c', `echo e >&2; exit ${exitCode}`], MARK)
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
    assert.deepEqual({ status, stderr }, { status: exitCode, stderr: marked ? `e\n${MARK}` : 'e\n' })
  }
  const [program = '', ...args] = withOwnCode(['printf', '%s.', 'a b', '$x', "'"], MARK)
  assert.equal(execFileSync(program, args, { encoding: 'utf8' }), "a b.$x.'.")
})
