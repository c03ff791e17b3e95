import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Fault } from '../base/fault.ts'
import { findProgram, runProgram } from '../base/program.ts'
import { systemClock } from '../base/time.ts'
import type { ShellResult } from '../controls/shell.ts'
import { type Ask, askRunning, askStamps, parseRunning } from './running.ts'

const ID = '0123456789abcdef'
const home = mkdtempSync(join(tmpdir(), 'hil-running-'))
after(() => rmSync(home, { recursive: true }))

const SAID = `boot 976e14d8-6286-4be5-953b-4a741de22c8c
version 26.05.20261101.743ae50 (Yarara)
firmware N3XET59W (1.34 )
mount / overlay
mount /nix/store dm-0 nvme0n1
mount / nvme0n1p2 nvme0n1
disk nvme0c0n1 2097152 S4EWNX0
disk nvme0n1 2097152 S4EWNX0
disk sda 976773168
disk mmcblk0 0 0x1a2b3c4d
marker ${ID}
stamp nvme0n1 hil-flash ${ID}
stamp sda`

test('what a board says of itself', () => {
  assert.deepEqual(parseRunning(SAID), {
    bootId: '976e14d8-6286-4be5-953b-4a741de22c8c',
    version: '26.05.20261101.743ae50',
    firmware: 'N3XET59W (1.34 )',
    root: { device: 'nvme0n1p2', disks: ['nvme0n1'] },
    disks: [
      { name: 'nvme0n1', sizeBytes: 1 << 30, serial: 'S4EWNX0', stamp: ID },
      { name: 'sda', sizeBytes: 976773168 * 512, stamp: null },
      { name: 'mmcblk0', sizeBytes: 0, serial: '0x1a2b3c4d' },
    ],
    marker: ID,
  })
})

test('a root in memory is where its files come from, else nowhere', () => {
  const inMemory = (more: string) => parseRunning(`boot b\nmount / overlay\n${more}`)?.root
  assert.deepEqual(inMemory('mount /nix/store dm-0 nvme0n1 nvme1n1'), { device: 'dm-0', disks: ['nvme0n1', 'nvme1n1'] })
  assert.deepEqual(inMemory('mount /boot sda1 sda'), { device: 'sda1', disks: ['sda'] })
  assert.equal(inMemory(''), null)
})

test('the version of U-Boot is a string of the device tree, with its end', () => {
  assert.equal(parseRunning('boot b\nfirmware 2024.04 (Nov 01 2026)\0\n')?.firmware, '2024.04 (Nov 01 2026)')
  assert.equal(parseRunning('boot b\nfirmware \n')?.firmware, undefined)
})

test('the version as NixOS says it, or not at all', () => {
  const version = (said: string) => {
    const { version, commit } = parseRunning(`boot b\nversion ${said}`)!
    return [version, commit]
  }
  const json = '{"configurationRevision":"743ae50c","nixosVersion":"26.05","nixpkgsRevision":"abc"}'
  assert.deepEqual(version(json), ['26.05', '743ae50c'])
  assert.deepEqual(version('{"nixosVersion":"26.05","nixpkgsRevision":null}'), ['26.05', undefined])
  assert.deepEqual(version('{"nixosVersi'), [undefined, undefined])
  assert.equal(parseRunning('version 26.05'), undefined)
})

for (const shell of [['bash'], ['dash'], ['busybox', 'sh']])
  test(
    `the question is understood by ${shell.join(' ')}`,
    { skip: findProgram(shell[0]!) ? false : 'not installed' },
    async () => {
      const ask: Ask = async ([, ...words]) => result([...shell, ...words], { HOME: home })
      const marker = join(home, '.hil-flash')
      rmSync(marker, { force: true })
      const first = await askRunning(ask, '')
      assert.equal(first.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
      assert.equal(first.marker, undefined)
      assert.ok(!existsSync(marker), 'no marker where there was no flash')
      assert.equal((await askRunning(ask, ID)).marker, undefined, 'it is there from now on')
      while (!existsSync(marker)) await systemClock.sleep(10)
      assert.equal((await askRunning(ask, 'fedcba9876543210')).marker, ID, 'and is never replaced')
      const bios = '/sys/class/dmi/id/bios_version'
      if (existsSync(bios)) assert.equal(first.firmware, readFileSync(bios, 'utf8').trim() || undefined)
      for (const disk of first.disks) {
        const sectors = readFileSync(`/sys/block/${disk.name}/size`, 'utf8')
        assert.equal(disk.sizeBytes, Number(sectors) * 512)
      }
    },
  )

test('stamps are added to the disks; who may not read them changes nothing', async () => {
  const running = parseRunning(SAID.replaceAll(/^stamp.*$/gm, ''))!
  const said: { argv: readonly string[]; input?: string }[] = []
  const answer = (exitCode: number): Ask => {
    return async (argv, input) => {
      said.push({ argv: argv.slice(0, 5), ...(input && { input: Buffer.from(input).toString() }) })
      return {
        exitCode,
        stdout: Buffer.from(`stamp sda hil-flash ${ID}\nstamp nvme0n1 \n`),
        stderr: Buffer.of(),
        durationMs: 0,
      }
    }
  }
  const read = await askStamps(answer(0), running, 'secret')
  assert.deepEqual(
    read.disks.map(disk => disk.stamp),
    [null, ID, undefined],
  )
  assert.deepEqual(said[0], { argv: ['sudo', '-S', '-p', '', 'sh'], input: 'secret\n' })
  assert.deepEqual(await askStamps(answer(1), running), running)
  assert.deepEqual(said[1]?.argv.slice(0, 2), ['sudo', '-n'])
})

test('an answer that says nothing is a shell that does not work', async () => {
  const failing = askRunning(() => result(['sh', '-c', 'echo sh: cannot fork >&2; exit 2']), ID)
  await assert.rejects(
    failing,
    (fault: Fault) => fault.code === 'product/no-shell' && /cannot fork/.test(fault.message),
  )
})

async function result(argv: readonly string[], env: Record<string, string> = {}): Promise<ShellResult> {
  const late = (): Fault => new Fault('internal/bug', { expected: 'an answer', seen: 'none' })
  const ended = await runProgram(argv, { limitMs: 20_000, late, env })
  return { ...ended, stdout: Buffer.from(ended.stdout), stderr: Buffer.from(ended.stderr), durationMs: 0 }
}
