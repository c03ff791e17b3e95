import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import { Recording } from '../recording.ts'
import { TroubleWatch } from './trouble-watch.ts'

function watched(twin = false) {
  const recording = new Recording(undefined, systemClock, fault => assert.fail(fault))
  const deaths: Fault[] = []
  const notes: string[] = []
  const watch = new TroubleWatch(recording, {
    twin,
    onDeath: fault => deaths.push(fault),
    onNote: text => notes.push(text),
  })
  const say = (...lines: string[]): void => recording.append(Buffer.from(lines.map(line => `${line}\r\n`).join('')))
  return { recording, watch, deaths, notes, say }
}

const OOM = '[  10.000000] Out of memory: Killed process 7 (tail) total-vm:1kB'.replace('[  1', '[   1')
const LOCKUP = '[   20.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [sh:7]'
const WARNING = '[   30.000000] WARNING: CPU: 0 PID: 1 at drivers/base/core.c:1 foo+0x1/0x2'
const noBoot = new Fault('product/no-boot', { expected: 'a login', seen: 'none', evidence: ['=> '] })

test('a panic is told once its aftermath has come, and quotes it', async () => {
  const { watch, deaths, say } = watched()
  say(
    '[    1.000000] fine',
    '~7.p.0.frame of the serial shell~',
    '[    2.000000] Kernel panic - not syncing: Fatal exception',
  )
  say('[    2.000001] CPU: 3 PID: 7 Comm: sh')
  assert.equal(deaths.length, 0)
  await watch.settled()
  assert.deepEqual(
    deaths.map(({ code, seen }) => [code, seen]),
    [['product/panic', 'a kernel panic on the console']],
  )
  assert.match(deaths[0]!.evidence.join('\n'), /fine\n.*Fatal exception\n.*Comm: sh/)
})

test('harm blames whoever ran then, and ends nothing', async () => {
  const { recording, watch, deaths, notes, say } = watched()
  say('[    9.000000] fine')
  const before = recording.end
  assert.equal(watch.harmSince(before), undefined)
  say(OOM)
  const after = recording.end
  say('[   11.000000] fine')
  await watch.settled()
  assert.deepEqual(deaths, [])
  assert.equal(watch.harmSince(before)?.code, 'product/kernel-trouble')
  assert.match(watch.harmSince(before)!.evidence.join('\n'), /Killed process 7/)
  assert.equal(watch.harmSince(after), undefined)
  assert.deepEqual(notes, ['an OOM kill on the console: Out of memory: Killed process 7 (tail) total-vm:1kB'])
})

test('a lockup is harm on hardware; on a twin the host may have done it', () => {
  for (const twin of [false, true]) {
    const { watch, notes, say } = watched(twin)
    say(LOCKUP)
    assert.equal(watch.harmSince(0) === undefined, twin)
    assert.equal(notes.length, 1)
  }
  const { watch, say } = watched(true)
  say(OOM)
  assert.ok(watch.harmSince(0))
})

test('warnings are noted a few times only, and harm nobody', () => {
  const { watch, notes, say } = watched()
  for (let n = 0; n < 100; n++) say(WARNING)
  assert.equal(watch.harmSince(0), undefined)
  assert.equal(notes.length, 3)
  assert.match(notes[2]!, /any more are in the recording only/)
})

const REASONS: [what: string, lines: string[], code: string, seen: RegExp][] = [
  ['nothing', ['fatal: no kernel available'], 'product/no-boot', /^none$/],
  ['an image it refused', ['Bad Linux ARM64 Image magic!'], 'product/no-boot', /after an image .*: Bad Linux/],
  ['a read error', ['Error reading cluster'], 'infrastructure/boot-medium', /after a boot medium with a read error/],
  ['a medium away', ['MMC: no card present'], 'infrastructure/boot-medium', /that does not answer: MMC: no card/],
  // An empty second slot of a healthy board says so too.
  [
    'an image it refused, then an empty slot',
    ['Wrong Image Format for bootm command', 'MMC: no card present'],
    'product/no-boot',
    /Wrong Image Format/,
  ],
  [
    'a file that a read error hid',
    ['Error reading cluster', '** Unable to read file /Image **'],
    'infrastructure/boot-medium',
    /Error reading cluster/,
  ],
]
for (const [what, lines, code, seen] of REASONS)
  test(`a boot that failed after ${what}: ${code}`, () => {
    const { watch, say } = watched()
    say('U-Boot 2023.01', ...lines)
    const fault = watch.explain(noBoot)
    assert.equal(fault.code, code)
    assert.match(fault.seen, seen)
    assert.equal(fault.evidence.at(-1), '=> ')
  })

test('a storm of warnings hides no harm', () => {
  const { watch, say } = watched()
  for (let n = 0; n < 2000; n++) say(WARNING)
  say(OOM)
  assert.equal(watch.harmSince(0)?.code, 'product/kernel-trouble')
})

test('what an earlier boot said explains nothing', () => {
  const { watch, say } = watched()
  say('Error reading cluster')
  watch.beginBoot()
  say('U-Boot 2023.01')
  assert.equal(watch.explain(noBoot), noBoot)
})

test('other faults are not explained away', () => {
  const { watch, say } = watched()
  say('Error reading cluster')
  const fault = new Fault('infrastructure/power', { expected: 'power', seen: 'none' })
  assert.equal(watch.explain(fault), fault)
})

test('an SPL that cannot read its medium is the bench’s, one that finds nothing on it the image’s', async () => {
  for (const [line, code] of [
    ['mmc_load_image_raw_sector: mmc block read error', 'infrastructure/boot-medium'],
    ["Can't support legacy image", 'product/no-boot'],
  ] as const) {
    const { watch, deaths, say } = watched()
    say('U-Boot SPL 2024.04', 'Trying to boot from MMC1', line, 'SPL: failed to boot from all boot devices')
    await watch.settled()
    assert.deepEqual(
      deaths.map(fault => fault.code),
      [code],
    )
  }
})
