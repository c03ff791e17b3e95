import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { expectIn } from '../bench/expect.ts'
import { Recording } from '../bench/recording.ts'
import type { ConsolePort } from '../controls/console.ts'
import imx8mp from '../../devices/boards/imx8mp.ts'
import nuc from '../../devices/boards/nuc.ts'
import orin from '../../devices/boards/orin.ts'
import x1 from '../../devices/boards/x1.ts'
import type { PowerState } from '../controls/power.ts'
import { bootToLogin, neverOff, whyNoLogin, whyStopped } from './power-on.ts'

const CASES: [what: string, said: string, facts: typeof nuc.boot, power: PowerState, code: string][] = [
  ['not one byte, power off', '', nuc.boot, 'off', 'infrastructure/power'],
  ['a kernel, and then no power', 'Linux version 6.12\r\n', nuc.boot, 'off', 'infrastructure/power'],
  ['not one byte, power on', '', nuc.boot, 'on', 'infrastructure/console-silent'],
  ['not one byte, power unknown', '', nuc.boot, 'unknown', 'infrastructure/console-silent'],
  ['bytes of a wrong baud rate', '\x00\xfe\x80\xf8\x1e', nuc.boot, 'on', 'infrastructure/console-silent'],
  ['firmware only', 'SeaBIOS (version 1.16.2)\r\nBooting from Hard Disk...\r\n', nuc.boot, 'on', 'product/no-boot'],
  ['boot loader only', 'U-Boot 2023.01\r\n=> ', orin.boot, 'on', 'product/no-boot'],
  ['a kernel without login', 'U-Boot 2023.01\r\nStarting kernel ...\r\n', orin.boot, 'on', 'product/no-login'],
  ['a kernel by its messages', '[    0.000000] Linux version 6.12\r\n', nuc.boot, 'on', 'product/no-login'],
]
for (const [what, said, facts, power, code] of CASES)
  test(`${what}: ${code}`, () => {
    const fault = whyNoLogin(Buffer.from(said, 'latin1'), facts, 60_000, power)
    assert.equal(fault.code, code)
    assert.match(fault.expected, /a login prompt within 60 s/)
  })

/** A board that says something when it gets power, and something else to whoever types. */
function board(recording: Recording, answer: string): ConsolePort {
  return {
    clock: systemClock,
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: async () => recording.append(Buffer.from(answer)),
  }
}

for (const [what, answer, came] of [
  ['a prompt that was damaged is shown again to whoever knocks', '\r\nghaf-host login: ', 'ghaf-host login: '],
  ['a kernel without a prompt stays one, however often somebody knocks', '\r\n', 'product/no-login'],
] as const)
  test(what, async () => {
    await using recording = new Recording(undefined, systemClock, fault => assert.fail(fault))
    const said = '[    0.000000] Linux version 6.12\r\nghaf-host log7n: '
    const means = {
      powerOn: async () => recording.append(Buffer.from(said)),
      powerState: async () => 'on' as const,
      signal: new AbortController().signal,
    }
    const booted = bootToLogin(board(recording, answer), nuc.boot, 20, means)
    assert.equal(
      await booted.then(
        ({ text }) => text,
        (fault: { code: string }) => fault.code,
      ),
      came,
    )
  })

test('a kernel that runs for longer than its board has power was never without it', () => {
  const said = Buffer.from('[  245.119023] audit: type=1130\r\n[  250.500000] virbr0: link becomes ready\r\n')
  assert.equal(neverOff(said, 180_000)?.code, 'infrastructure/power')
  assert.match(neverOff(said, 180_000)!.seen, /for 250 s, 180 s after power-on/)
  assert.equal(neverOff(said, 250_000), undefined)
  assert.equal(neverOff(Buffer.from('[    0.000000] Linux version 6.12\r\n'), 180_000), undefined)
  assert.equal(neverOff(Buffer.from('a quoted [  999.000000] line\r\n'), 180_000), undefined)
})

test('the last lines are quoted', () => {
  const fault = whyNoLogin(Buffer.from('U-Boot 2023.01\r\nerror: no partition\r\n'), orin.boot, 60_000, 'on')
  assert.deepEqual(fault.evidence, ['U-Boot 2023.01', 'error: no partition'])
})

const CORPUS = new URL('../bench/deaths/corpus/', import.meta.url)
const recorded = (name: string): string => readFileSync(new URL(`${name}.log`, CORPUS), 'latin1')

for (const [name, facts] of [
  ['uboot-blank', orin.boot],
  ['uboot-zeroed', orin.boot],
  ['uboot-noconf', orin.boot],
  ['uboot-nodisk', orin.boot],
  ['ovmf-blank', x1.boot],
] as const)
  test(`${name}: its own prompt ends the boot, and it is the image's fault`, () => {
    assert.match(recorded(name), facts.stopped)
    assert.equal(whyStopped(Buffer.from(recorded(name), 'latin1')).code, 'product/no-boot')
  })

for (const name of ['healthy-orin', 'healthy-x1', 'healthy-nuc', 'healthy-imx8mp'])
  test(`${name}: nothing in it looks like a stop, wherever it is cut`, () => {
    const text = recorded(name)
    for (let at = 1; at <= text.length; at++)
      for (const { boot } of [orin, x1, nuc, imx8mp])
        assert.doesNotMatch(text.slice(Math.max(0, at - 80), at), boot.stopped)
  })

test('a countdown that a stray byte stopped is the fault of the line', () => {
  const [countdown] = /^[^]*?Hit any key[^\n]*\n=> /.exec(recorded('uboot-driven'))!
  assert.match(countdown, orin.boot.stopped)
  assert.equal(whyStopped(Buffer.from(countdown)).code, 'infrastructure/serial-corrupt')
})
