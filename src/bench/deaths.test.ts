import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../base/time.ts'
import { linesAround, watchDeaths, type Death } from './deaths.ts'
import { Recording } from './recording.ts'

const never = (): never => assert.fail('no fault expected')

function deathsIn(text: string, cut?: number): { deaths: Death[]; recording: Recording } {
  const recording = new Recording(undefined, systemClock, never)
  const deaths: Death[] = []
  using _watch = watchDeaths(recording, death => deaths.push(death))
  for (const part of cut === undefined ? [text] : [text.slice(0, cut), text.slice(cut)])
    if (part) recording.append(Buffer.from(part))
  return { deaths, recording }
}

const PANIC =
  '[    2.1] VFS: ready\r\n[    2.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0\r\n[    2.3] CPU: 0\r\n'

test('a panic is told once wherever the bytes are cut, with its offset', () => {
  for (let cut = 0; cut <= PANIC.length; cut++) {
    const { deaths } = deathsIn(PANIC, cut)
    assert.deepEqual(deaths, [{ name: 'kernel panic', offset: PANIC.indexOf('Kernel panic') }], `cut at ${cut}`)
  }
})

test('the lines around it are quoted readable', () => {
  const { deaths, recording } = deathsIn(PANIC)
  assert.deepEqual(linesAround(recording, deaths[0]!.offset), PANIC.trim().split('\r\n'))
})

const DEADLY = [
  'Internal error: Oops: 96000004 [#1] SMP',
  'kernel BUG at mm/slub.c:4000!',
  'BUG: unable to handle page fault for address: 0000000000001000',
  'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008',
  'VFS: Unable to mount root fs on unknown-block(0,0)',
]
for (const line of DEADLY) test(`deadly: ${line}`, () => assert.equal(deathsIn(`[ 1.0] ${line}\n`).deaths.length, 1))

const HARMLESS = [
  'systemd[1]: Starting kernel panic handler self-test',
  'WARNING: CPU: 0 PID: 1 at drivers/base/core.c:1',
  'Command line: panic=0 oops=panic quiet',
  'debug: bug at line 3 of the script',
]
for (const line of HARMLESS) test(`harmless: ${line}`, () => assert.deepEqual(deathsIn(`[ 1.0] ${line}\n`).deaths, []))
