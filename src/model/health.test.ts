import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FaultCode } from '../base/fault-codes.ts'
import { SampleLog } from './fold-sample.ts'
import {
  afterCheck,
  afterUse,
  boardFaultIn,
  byHealth,
  doubtIn,
  faultsPer100,
  isDue,
  isOfBoard,
  isInDoubt,
  NO_HEALTH,
  releasedBy,
  withheldBy,
  type Check,
  type HealthRecord,
} from './health.ts'
import { Fault } from '../base/fault.ts'

const GONE = 'infrastructure/board-gone'
const check = (atMs: number, more: Partial<Check> = {}): Check => ({
  atMs,
  durationMs: 60_000,
  ok: true,
  image: 'golden',
  ...more,
})

/** A record after runs that met these faults, one a second. */
const used = (faults: readonly (FaultCode | null)[], from: HealthRecord = NO_HEALTH, sinceMs = 0): HealthRecord =>
  faults.reduce(
    (record, fault, n) => afterUse(record, { atMs: sinceMs + (n + 1) * 1000, run: `r${n + 1}`, fault }),
    from,
  )

const released = (record: HealthRecord, atMs: number): HealthRecord =>
  releasedBy(record, 'its fan is new', 'aino', atMs)

describe('the rule of quarantine', () => {
  const CASES: readonly [name: string, faults: (FaultCode | null)[], quarantined: boolean][] = [
    ['nothing', [], false],
    ['one fault is chance', [GONE], false],
    ['two in a row are not', [GONE, 'infrastructure/tty-gone'], true],
    ['a run between them that went well', [GONE, null, GONE], false],
    ['the last two count', [null, null, GONE, GONE], true],
    ['what came after does not undo it', [GONE, GONE, null], true],
  ]
  for (const [name, faults, quarantined] of CASES)
    it(name, () => assert.equal(used(faults).quarantine !== null, quarantined))

  const OF_ITS_HOST = [
    'disk-full',
    'host-busy',
    'download',
    'image-read',
    'recording-dropped',
    'worker-lost',
    'agent-gone',
    'runner',
    'tty-busy',
    'board-quarantined',
  ] as const
  for (const code of OF_ITS_HOST)
    it(`knows nothing against a board for ${code}, which is its host’s`, () =>
      assert.equal(isOfBoard(`infrastructure/${code}`), false))

  it('does not overrule a person who withholds it, nor itself', () => {
    const held = withheldBy(NO_HEALTH, 'smells of smoke', 'aino', 500)
    assert.equal(used([GONE, GONE], held, 1000).quarantine?.reason, 'smells of smoke')
    assert.match(used([GONE, GONE, GONE]).quarantine?.reason ?? '', /in r1, .* in r2$/)
  })

  it('says why, with the runs', () => {
    const { quarantine } = used([GONE, 'infrastructure/tty-gone'])
    assert.deepEqual(quarantine, {
      reason: `2 runs in a row met a fault of it: ${GONE} in r1, infrastructure/tty-gone in r2`,
      sinceMs: 2000,
      by: null,
    })
  })

  it('withholds at once a board that a diagnosis leaves in doubt, and only that one', () => {
    const diagnosis = {
      type: 'diagnosis',
      board: 'nuc-1',
      is: 'board-changed-by-image',
      why: 'golden no longer boots',
    } as const
    const made = (wantsQuarantine: boolean) => new SampleLog().add(1, { ...diagnosis, wantsQuarantine }).events
    const doubt = doubtIn(made(true), 'nuc-1')
    assert.equal(doubt, 'board-changed-by-image: golden no longer boots')
    assert.equal(doubtIn(made(true), 'nuc-2'), undefined)
    assert.equal(doubtIn(made(false), 'nuc-1'), undefined)
    const use = { atMs: 1000, run: 'r1', fault: null, doubt }
    assert.deepEqual(afterUse(NO_HEALTH, use).quarantine, { reason: doubt, sinceMs: 1000, by: null })
  })

  it('begins anew once the board was checked or released', () => {
    const cleared = afterCheck(used([GONE]), check(1500))
    assert.equal(used([GONE], cleared, 2000).quarantine, null)
    assert.notEqual(used([GONE, GONE], cleared, 2000).quarantine, null)
    assert.equal(used([GONE], released(used([GONE, GONE]), 2500), 3000).quarantine, null)
  })
})

describe('a health check', () => {
  it('that passes takes back the rule’s word, and not a person’s', () => {
    assert.equal(afterCheck(used([GONE, GONE]), check(3000)).quarantine, null)
    const held = withheldBy(NO_HEALTH, 'smells of smoke', 'aino', 1000)
    assert.equal(afterCheck(held, check(3000)).quarantine?.reason, 'smells of smoke')
    assert.equal(released(held, 4000).quarantine, null)
  })

  it('that fails by the board withholds it; by its image or this host it does not', () => {
    const failed = (fault: FaultCode): HealthRecord =>
      afterCheck(NO_HEALTH, check(1000, { ok: false, fault, seen: 'x' }))
    assert.match(failed(GONE).quarantine?.reason ?? '', /its health check failed: infrastructure\/board-gone: x/)
    assert.equal(failed('product/panic').quarantine, null)
    assert.equal(failed('infrastructure/disk-full').quarantine, null)
    assert.equal(afterCheck(used([GONE, GONE]), check(3000, { ok: false, fault: GONE })).quarantine?.sinceMs, 2000)
  })

  it('is due once after a quarantine by rule, and after its time', () => {
    const record = used([GONE, GONE])
    assert.equal(isDue(record, 0, undefined), true)
    assert.equal(isDue(afterCheck(record, check(3000, { ok: false, fault: GONE })), 0, undefined), false)
    assert.equal(isDue(withheldBy(NO_HEALTH, 'x', 'aino', 1000), 0, undefined), false)
    assert.equal(isDue(NO_HEALTH, 5000, undefined), false)
    assert.equal(isDue(afterCheck(NO_HEALTH, check(1000)), 4000, 4000), true)
    assert.equal(isDue(afterCheck(NO_HEALTH, check(1000)), 3999, 4000), false)
  })

  it('is of use after one run that met a fault, until somebody looked or the next went well', () => {
    const record = used([null, GONE])
    assert.equal(isInDoubt(record), true)
    for (const [name, after] of Object.entries({
      unused: NO_HEALTH,
      'a good run': used([GONE, null]),
      'a check that passed': afterCheck(record, check(3000)),
      'a check that did not': afterCheck(record, check(3000, { ok: false, fault: 'product/panic' })),
      'a person who withholds it': withheldBy(record, 'x', 'aino', 3000),
      'a person who released it': released(withheldBy(record, 'x', 'aino', 3000), 4000),
      'a quarantine by the rule, which is due anyhow': used([GONE, GONE]),
    }))
      assert.equal(isInDoubt(after), false, name)
    assert.equal(isInDoubt(used([GONE], afterCheck(record, check(3000)), 4000)), true)
  })

  it('is judged in the order things happened, also when the clock was set back in between', () => {
    const checked = afterCheck(NO_HEALTH, check(3_600_000))
    const again = [1000, 2000].reduce(
      (record, atMs) => afterUse(record, { atMs, run: `run-${atMs}`, fault: GONE }),
      checked,
    )
    assert.ok(again.quarantine, 'two runs in a row after the check')
    assert.equal(isDue(again, 0, undefined), true, 'it was not checked since')
    assert.equal(
      afterUse(released(again, 3000), { atMs: 4000, run: 'run-4', fault: GONE }).quarantine,
      null,
      'one alone is chance',
    )
  })
})

describe('a board’s record', () => {
  it('says who gave it back last, why and when, also once it is withheld again', () => {
    const given = released(withheldBy(NO_HEALTH, 'its fan is dead', 'bob', 1000), 2000)
    const trace = { by: 'aino', reason: 'its fan is new', atMs: 2000 }
    assert.deepEqual(given, { ...NO_HEALTH, released: trace, clearedMs: 2000 })
    assert.deepEqual(withheldBy(given, 'it smells', 'bob', 3000).released, trace)
  })

  it('counts runs that met a fault of it, of its last 100', () => {
    assert.equal(faultsPer100(NO_HEALTH), null)
    assert.equal(faultsPer100(used([GONE, null, null, null])), 25)
    const long = used(Array.from({ length: 150 }, (_, n) => (n < 60 ? GONE : null)))
    assert.equal(long.uses.length, 100)
    assert.equal(faultsPer100(long), 10)
  })

  it('is of what a run’s log says of that board and its cables', () => {
    const fault = (code: FaultCode): Fault => new Fault(code, { expected: 'x', seen: 'y' })
    const log = new SampleLog()
      .fault('b', fault(GONE), 'test')
      .fault('a', fault('product/panic'), 'test')
      .fault('a', fault('infrastructure/disk-full'), 'test')
      .test('a', 'f', 't', { verdict: 'error', fault: fault('infrastructure/ssh-lost').record() })
    assert.equal(boardFaultIn(log.events, 'a'), 'infrastructure/ssh-lost')
    assert.equal(boardFaultIn(log.events, 'b'), GONE)
    assert.equal(boardFaultIn(log.events, 'c'), null)
  })

  it('decides who of several is had first', () => {
    const sound = { isQuarantined: false, isBusy: false, waiting: 0, faultsPer100: 0 }
    const names = (boards: Record<string, Partial<typeof sound>>): string[] =>
      Object.entries(boards)
        .map(([name, more]) => ({ ...sound, ...more, name }))
        .sort(byHealth)
        .map(({ name }) => name)
    assert.deepEqual(names({ a: {}, b: {} }), ['a', 'b'])
    assert.deepEqual(names({ a: { faultsPer100: 40 }, b: {} }), ['b', 'a'])
    assert.deepEqual(names({ a: { faultsPer100: 3 }, b: {} }), ['a', 'b'], 'a few are chance')
    assert.deepEqual(names({ a: {}, b: { isBusy: true }, c: { faultsPer100: 40 } }), ['a', 'c', 'b'])
    assert.deepEqual(names({ a: { isQuarantined: true }, b: { isBusy: true } }), ['b', 'a'])
    const busy = { isBusy: true, faultsPer100: 40 }
    assert.deepEqual(names({ a: { ...busy, faultsPer100: 0, waiting: 2 }, b: { ...busy, waiting: 1 } }), ['b', 'a'])
  })
})
