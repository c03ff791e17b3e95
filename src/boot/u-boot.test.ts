import assert from 'node:assert/strict'
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import imx8mp from '../../devices/boards/imx8mp.ts'
import orin from '../../devices/boards/orin.ts'
import type { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { expectIn } from '../bench/expect.ts'
import { Recording } from '../bench/recording.ts'
import type { ConsolePort } from '../controls/console.ts'
import { firmwareOf } from '../drivers/power/qemu/firmware.ts'
import { QemuOptions } from '../drivers/power/qemu/options.ts'
import type { UBoot } from './u-boot.ts'
import { stopAutoboot, whyNoPrompt } from './u-boot/stop-autoboot.ts'

// A real U-Boot, without a medium: it is at its prompt in half a second.

const firmware = firmwareOf(QemuOptions.parse({ machine: 'orin', disk: 'none' }))
const bios = firmware.kind === 'files' ? firmware.bios : undefined
const skip = bios === undefined ? 'no U-Boot on this host: run ci/setup' : false
const signal = AbortSignal.timeout(120_000)

interface Wire {
  /** What of a text that is typed arrives. */
  readonly arrives?: (text: string) => string
}

/** A board that boots U-Boot when it is switched on. */
function board({ arrives = text => text }: Wire = {}) {
  const stack = new AsyncDisposableStack()
  const recording = stack.use(new Recording(undefined, systemClock, fault => assert.fail(fault)))
  let child: ChildProcessWithoutNullStreams | undefined
  stack.defer(async () => {
    const gone = new Promise(resolve => child?.once('close', resolve))
    if (child?.kill('SIGKILL')) await gone
  })
  const port: ConsolePort = {
    end: () => recording.end,
    slice: (from, to) => recording.slice(from, to),
    clock: systemClock,
    expect: (pattern, options) => expectIn(recording, pattern, options),
    write: async text => void child?.stdin.write(arrives(text.toString())),
  }
  const means = {
    signal,
    powerState: async () => 'on' as const,
    powerOn: async () => {
      const machine = ['-M', 'virt', '-cpu', 'max', '-m', '256', '-nodefaults', '-display', 'none']
      const serial = ['-chardev', 'stdio,id=c,signal=off', '-serial', 'chardev:c']
      child = spawn('qemu-system-aarch64', [...machine, '-bios', bios!, ...serial])
      child.stdout.on('data', (bytes: Buffer) => recording.append(bytes))
    },
  }
  const stop = (limitMs = 30_000): Promise<UBoot> => stopAutoboot(port, orin.boot, limitMs, means)
  return { port, recording, stop, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

const fails = (code: string) => (fault: Fault) => fault.code === code

test('commands: exact output and exit code', { skip }, async () => {
  await using on = board()
  const uBoot = await on.stop()
  assert.match((await uBoot.run('version')).output, /^U-Boot 20\d\d\.\d\d.*\n\n/)
  assert.deepEqual(await uBoot.run('true'), { exitCode: 0, output: '' })
  assert.deepEqual(await uBoot.run('false'), { exitCode: 1, output: '' })
  assert.deepEqual(await uBoot.run('echo a; echo; echo  b'), { exitCode: 0, output: 'a\n\nb\n' })
  assert.deepEqual(await uBoot.run('echo -n abc; false'), { exitCode: 1, output: 'abc' })
  assert.deepEqual(await uBoot.run('nope'), { exitCode: 1, output: "Unknown command 'nope' - try 'help'\n" })
  assert.deepEqual(await uBoot.run('echo {hil.1.7.0}'), { exitCode: 0, output: '{hil.1.7.0}\n' })
  assert.equal((await uBoot.run(`echo ${'x'.repeat(440)}`)).output, `${'x'.repeat(440)}\n`)
  // More than a screen, and nothing lost of it.
  const dump = (await uBoot.run('md.b 0x40000000 0x4000')).output.trimEnd().split('\n')
  assert.deepEqual([dump.length, dump[0]!.slice(0, 9), dump.at(-1)!.slice(0, 9)], [1024, '40000000:', '40003ff0:'])
})

test('environment: any value comes back as it was set', { skip }, async () => {
  await using on = board()
  const uBoot = await on.stop()
  assert.equal(await uBoot.getEnv('bootdelay'), '2')
  assert.equal(await uBoot.getEnv('hil_none'), undefined)
  for (const value of [`it's $bootdelay "q"; x`, 'back\\slash', '${a} `b` #!', '&&||', 'a  b', '=> '])
    for (const save of [false, true]) {
      await uBoot.setEnv('hil_test', value, { save })
      assert.equal(await uBoot.getEnv('hil_test'), value)
    }
  await uBoot.setEnv('hil_test', undefined)
  assert.equal(await uBoot.getEnv('hil_test'), undefined)
  await assert.rejects(uBoot.setEnv('a b', 'x'), fails('test/misuse'))
})

test('what cannot be run is said to be, and the next command finds a prompt', { skip }, async () => {
  await using on = board()
  const uBoot = await on.stop()
  await assert.rejects(uBoot.run(`echo 'open`), fails('test/misuse'))
  await assert.rejects(uBoot.run('a\nb'), fails('test/misuse'))
  await assert.rejects(uBoot.run('x'.repeat(500)), fails('test/misuse'))
  await assert.rejects(uBoot.run('sleep 20', { limitMs: 500 }), fails('product/command-timeout'))
  const abort = AbortSignal.timeout(300)
  await assert.rejects(uBoot.run('sleep 20', { signal: abort }), { name: 'TimeoutError' })
  assert.equal((await uBoot.run('echo alive')).output, 'alive\n')
})

test('a line that loses bytes is typed again; one that always does is the line’s fault', { skip }, async () => {
  let lose = 0
  await using on = board({ arrives: text => (text.includes('precious') && lose-- > 0 ? text.replace('s', '') : text) })
  const uBoot = await on.stop()
  lose = 2
  assert.equal((await uBoot.run('echo precious')).output, 'precious\n')
  lose = 1000
  const from = on.port.end()
  await assert.rejects(uBoot.run('echo precious'), fails('infrastructure/serial-corrupt'))
  // Nothing of it was run: at the beginning of a line stands what a command says.
  assert.doesNotMatch(on.port.slice(from).toString(), /^preciou/m)
})

test('a board that hears nothing is not blamed on its image', { skip }, async () => {
  await using on = board({ arrives: () => '' })
  const whole = new Error('never')
  const boots = on.port.expect(/=> $/, { from: 0, limitMs: 30_000, late: () => whole, signal })
  await assert.rejects(Promise.all([on.stop(20_000), boots]), fails('infrastructure/console-silent'))
})

const CORPUS = new URL('../bench/deaths/corpus/', import.meta.url)
const recorded = (name: string): string => readFileSync(new URL(`${name}.log`, CORPUS), 'latin1')
const { boot } = orin
const SPL = 'U-Boot SPL 2024.04 (Mar 31 2025)\r\nNormal Boot\r\nTrying to boot from BOOTROM\r\n'
const WHY: [what: string, said: string, facts: typeof boot | typeof imx8mp.boot, code: string][] = [
  ['not one byte', '', boot, 'infrastructure/console-silent'],
  ['bytes of a wrong baud rate', '\x00\xfe\x80\xf8\x1e', boot, 'infrastructure/console-silent'],
  ['a kernel behind a countdown that took no key', recorded('healthy-orin'), boot, 'infrastructure/console-silent'],
  ['a kernel without a countdown', recorded('healthy-imx8mp'), imx8mp.boot, 'product/no-prompt'],
  ['a first stage only', SPL, imx8mp.boot, 'product/no-boot'],
  ['a banner only', recorded('uboot-blank').slice(0, 120), boot, 'product/no-prompt'],
]
for (const [what, said, facts, code] of WHY)
  test(`no prompt, but ${what}: ${code}`, () => {
    assert.equal(whyNoPrompt(Buffer.from(said, 'latin1'), facts, 60_000, 'on').code, code)
  })

test('no prompt, and no power: infrastructure/power', () => {
  const said = Buffer.from(recorded('uboot-blank').slice(0, 120), 'latin1')
  assert.equal(whyNoPrompt(said, boot, 60_000, 'off').code, 'infrastructure/power')
})
