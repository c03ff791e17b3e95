import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Fault, type FaultRecord } from '../base/fault.ts'
import { FAULT_CODES, type FaultCode } from '../base/fault-codes.ts'
import {
  diagnose,
  failsByItself,
  isDoubtful,
  productFaultIn,
  type BootDoubt,
  type BootTry,
  type GoldenRecord,
} from './diagnosis.ts'

function fault(code: FaultCode): FaultRecord {
  return new Fault(code, { expected: 'a boot', seen: 'none' }).record()
}

const SILENT = fault('infrastructure/console-silent')
const NO_LOGIN = fault('product/no-login')
const PANIC = fault('product/panic')
const TTY_GONE = fault('infrastructure/tty-gone')

const fails: BootTry = { of: 'image', fault: NO_LOGIN }
const boots: BootTry = { of: 'image' }
const golden: BootTry = { of: 'golden', firmware: '1.2' }
const goldenFails: BootTry = { of: 'golden', fault: SILENT }
const benchFails: BootTry = { of: 'image', fault: TTY_GONE }

const KNOWN: GoldenRecord = { isImage: false, bootedAt: '2026-09-01T00:00:00.000Z', bootedOn: null, troubleAt: null }
const NEVER: GoldenRecord = { ...KNOWN, bootedAt: null }
const ELSEWHERE: GoldenRecord = { ...NEVER, bootedOn: 'orin-2' }
const TROUBLED: GoldenRecord = { ...KNOWN, troubleAt: '2026-09-02T00:00:00.000Z' }
const MENDED: GoldenRecord = { ...KNOWN, troubleAt: '2026-08-02T00:00:00.000Z' }
const ITSELF: GoldenRecord = { ...KNOWN, isImage: true }

const NEVER_ITSELF: GoldenRecord = { ...NEVER, isImage: true }

/** What is seen, in words: `next: image`, or the result with how often it failed. */
const CASES: [string, Partial<BootDoubt>, string][] = [
  ['nothing to compare with', { golden: null }, 'unconfirmed'],
  ['nothing to compare with, its kernel died', { golden: null, first: PANIC }, 'unconfirmed'],

  ['the first failure: again after a power cycle', {}, 'next: image'],
  ['a silent console too: it may be the image', { first: SILENT }, 'next: image'],
  ['a dead kernel on a board that the golden image booted on', { first: PANIC, golden: KNOWN }, 'product'],
  ['that, since the last trouble', { first: PANIC, golden: MENDED }, 'product'],
  ['that, but the board was in trouble since', { first: PANIC, golden: TROUBLED }, 'next: image'],
  ['a dead kernel on a board nobody saw the golden image on', { first: PANIC, golden: NEVER }, 'next: image'],
  ['a dead kernel of the golden image itself', { first: PANIC, golden: ITSELF }, 'next: image'],

  ['it boots the second time', { tries: [boots] }, 'flaky-boot 1/2'],
  ['it fails again: the golden image', { tries: [fails] }, 'next: golden'],
  ['the bench fails meanwhile', { tries: [benchFails] }, 'bench'],
  ['the bench fails after a kernel died', { tries: [benchFails], first: PANIC, golden: NEVER }, 'unconfirmed'],
  ['that, where it died the second time', { tries: [{ of: 'image', fault: PANIC }, benchFails] }, 'unconfirmed'],
  ['it is the golden image, which booted here', { tries: [fails], golden: ITSELF }, 'bench'],
  ['it is the golden image, which never booted here', { tries: [fails], golden: NEVER_ITSELF }, 'unconfirmed'],

  ['the golden image boots: the image once more', { tries: [fails, golden] }, 'next: image'],
  ['that, and the board names no firmware', { tries: [fails, { of: 'golden' }], firmwareBefore: '1.2' }, 'next: image'],
  ['that, and nobody knows the firmware before', { tries: [fails, golden] }, 'next: image'],
  ['that, with the same firmware', { tries: [fails, golden], firmwareBefore: '1.2' }, 'next: image'],
  ['that, with another firmware', { tries: [fails, golden], firmwareBefore: '1.1' }, 'board-changed-by-image'],
  ['the golden image fails though it booted before', { tries: [fails, goldenFails] }, 'board-changed-by-image'],
  ['the golden image fails but boots elsewhere', { tries: [fails, goldenFails], golden: ELSEWHERE }, 'bench'],
  ['the golden image fails and never booted', { tries: [fails, goldenFails], golden: NEVER }, 'unconfirmed'],
  ['the golden image cannot be flashed', { tries: [fails, { of: 'golden', fault: TTY_GONE }] }, 'bench'],

  ['its file is damaged', { tries: [fails, { of: 'golden', fault: fault('configuration/image') }] }, 'unconfirmed'],

  ['it fails a third time', { tries: [fails, golden, fails] }, 'product 3/3'],
  ['that, silently', { first: SILENT, tries: [{ of: 'image', fault: SILENT }, golden, fails] }, 'product 3/3'],
  ['it boots the third time', { tries: [fails, golden, boots] }, 'flaky-boot 2/3'],
  ['the bench fails at the last step', { tries: [fails, golden, benchFails] }, 'bench'],
]

function inWords(doubt: BootDoubt): string {
  const decision = diagnose(doubt)
  if ('next' in decision) return `next: ${decision.next}`
  const { is, reruns } = decision
  return reruns ? `${is} ${reruns.agreed + 1}/${reruns.ran + 1}` : is
}

describe('a board does not boot its image', () => {
  for (const [name, doubt, says] of CASES)
    it(`${name}: ${says}`, () => assert.equal(inWords({ first: NO_LOGIN, tries: [], golden: KNOWN, ...doubt }), says))

  it('says by what it knows', () => {
    const why = (doubt: Partial<BootDoubt>): unknown =>
      diagnose({ first: NO_LOGIN, tries: [], golden: KNOWN, ...doubt })
    assert.deepEqual(why({ tries: [fails, golden, fails], firmwareBefore: '1.2' }), {
      is: 'product',
      why: 'it failed three times, the golden image booted in between with the same firmware 1.2',
      reruns: { ran: 2, agreed: 2 },
    })
    assert.match(
      JSON.stringify(why({ first: PANIC, golden: MENDED })),
      /since its last infrastructure fault at 2026-08/,
    )
    assert.match(JSON.stringify(why({ tries: [fails, golden], firmwareBefore: '1.1' })), /now 1.2; before .* was 1.1/)
    const text = (doubt: Partial<BootDoubt>): string => (why(doubt) as { why: string }).why
    const at = KNOWN.bootedAt
    assert.equal(text({ tries: [benchFails] }), 'it could not be tried: infrastructure/tty-gone, saw none')
    assert.equal(
      text({ tries: [fails, { of: 'golden', fault: TTY_GONE }] }),
      'the golden image could not be tried: infrastructure/tty-gone, saw none',
    )
    assert.equal(text({ golden: null }), 'there is no golden image for this board to compare it with')
    assert.equal(text({ first: PANIC }), `its kernel died, and the golden image booted on this board at ${at}`)
    assert.equal(
      text({ tries: [fails], golden: ITSELF }),
      `it is the golden image itself, which booted on this board at ${at}`,
    )
    assert.equal(
      text({ tries: [fails], golden: NEVER_ITSELF }),
      'it is the golden image itself, which nobody has seen boot on this board',
    )
    assert.equal(
      text({ tries: [fails, goldenFails], golden: NEVER }),
      'the golden image does not boot either, and nobody has ever seen it boot',
    )
    assert.equal(
      text({ tries: [fails, goldenFails], golden: ELSEWHERE }),
      'the golden image does not boot either, which booted on orin-2',
    )
    assert.equal(
      text({ tries: [fails, goldenFails] }),
      `the golden image does not boot either, although it booted on this board at ${at}`,
    )
    assert.equal(text({ tries: [boots] }), 'it booted in the end, 1 of 2 times it did not')
    assert.equal(text({ tries: [fails, golden, boots] }), 'it booted in the end, 2 of 3 times it did not')
    // Whatever is not known of it could have changed.
    const thrice = 'it failed three times, the golden image booted in between; the firmware could not be compared'
    assert.equal(text({ tries: [fails, golden, fails] }), thrice)
    assert.equal(text({ tries: [fails, { of: 'golden' }, fails] }), thrice)
    assert.equal(text({ tries: [fails, { of: 'golden' }, fails], firmwareBefore: '1.2' }), thrice)
  })

  it('blames the product only where the golden image booted, and ends within three more boots', () => {
    const anyFault = fc.constantFrom(...(Object.keys(FAULT_CODES) as FaultCode[]).map(fault))
    const outcome = fc.record({
      fault: fc.option(anyFault, { nil: undefined }),
      firmware: fc.constantFrom(undefined, '1', '2'),
    })
    const record = fc.option(fc.constantFrom(KNOWN, NEVER, ELSEWHERE, TROUBLED, MENDED, ITSELF), { nil: null })
    fc.assert(
      fc.property(anyFault, fc.array(outcome, { minLength: 3, maxLength: 3 }), record, (first, outcomes, known) => {
        const tries: BootTry[] = []
        for (;;) {
          const decision = diagnose({ first, tries, golden: known, firmwareBefore: '1' })
          if (!('next' in decision)) {
            const good = tries.some(({ of, fault: failed }) => of === 'golden' && !failed)
            if (decision.is === 'bench' && known?.bootedAt === null && known.bootedOn === null)
              assert.ok(
                tries.some(({ fault: failed }) => failed && !isDoubtful(failed)),
                JSON.stringify({ first, tries, known }),
              )
            const sound = tries.length === 0 && (known === KNOWN || known === MENDED)
            if (decision.is === 'product') assert.ok(good || sound, JSON.stringify({ first, tries, known }))
            if (decision.is === 'product' && good) assert.equal(tries.filter(({ of }) => of === 'image').length, 2)
            return
          }
          assert.ok(tries.length < 3, 'a fourth boot')
          const { fault: failed, firmware } = outcomes[tries.length]!
          tries.push({ of: decision.next, ...(failed && { fault: failed }), ...(firmware && { firmware }) })
        }
      }),
    )
  })
})

it('whatever may be the image’s, the board’s or the bench’s is diagnosed', () => {
  const codes: FaultCode[] = [
    ...(['product/no-boot', 'product/no-login', 'product/no-shell', 'product/panic', 'product/shutdown'] as const),
    ...(['product/hang', 'product/ssh-closed', 'infrastructure/console-silent', 'infrastructure/boot-medium'] as const),
    ...(['infrastructure/firmware', 'infrastructure/ssh-unreachable'] as const),
  ]
  const all = Object.keys(FAULT_CODES) as FaultCode[]
  assert.deepEqual(all.filter(code => isDoubtful({ code })).sort(), codes.sort())
})

it('a cable, a relay or a login that is refused leaves nothing to be diagnosed', () => {
  assert.deepEqual(
    [
      TTY_GONE,
      fault('infrastructure/power'),
      fault('product/ssh-auth'),
      fault('cancelled/interrupt'),
      NO_LOGIN,
      SILENT,
    ].map(isDoubtful),
    [false, false, false, false, true, true],
  )
})

it('what fails only as the bench might is not the product’s failure once it boots', () => {
  assert.equal(failsByItself(NO_LOGIN, [fails, goldenFails]), true)
  assert.equal(failsByItself(SILENT, [boots]), false)
  assert.equal(failsByItself(NO_LOGIN, [{ of: 'image', fault: SILENT }]), false)
})

it('what the product did by itself in one boot stays its failure, whatever the others were', () => {
  const panics: BootTry = { of: 'image', fault: PANIC }
  assert.equal(productFaultIn(SILENT, [boots]), undefined)
  assert.equal(productFaultIn(SILENT, [{ of: 'golden', fault: PANIC }, boots]), undefined)
  assert.equal(productFaultIn(SILENT, [panics, golden, boots]), PANIC)
  assert.equal(productFaultIn(NO_LOGIN, [{ of: 'image', fault: SILENT }, golden, boots]), NO_LOGIN)
  assert.equal(productFaultIn(NO_LOGIN, [panics, golden, boots]), NO_LOGIN)
})
