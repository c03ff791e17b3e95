import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Fault } from '../base/fault.ts'
import { installBlindly } from './installer-blind.ts'
import type { Ask } from './running.ts'

const STAND_IN = fileURLToPath(new URL('installer/ghaf-installer', import.meta.url))
const ORDER = { device: '/dev/nvme0n1', encrypt: false, unattended: false, limitMs: 20_000 }

/** As sudo is on most images, and as it is where nobody is asked. */
const ASKS = `[ "$1" != -n ] || exit 1
read -r word; [ "$word" = secret ] || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
shift 3; exec "$@"`
const TRUSTS = '[ "$1" != -n ] || shift; exec "$@"'

/** A booted installer whose commands are given their input at once, as SSH gives it. */
function installer(sudo: string, how = '') {
  const folder = mkdtempSync(join(tmpdir(), 'hil-blind-'))
  const disks = join(folder, 'disks')
  mkdirSync(disks)
  writeFileSync(join(disks, 'nvme0n1'), 'blank')
  writeFileSync(join(folder, 'sudo'), `#!/bin/sh\n${sudo}\n`)
  chmodSync(join(folder, 'sudo'), 0o755)
  symlinkSync(STAND_IN, join(folder, 'ghaf-installer'))
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HIL_DISKS: disks, HIL_HOW: how }
  const ask: Ask = async ([program = '', ...words], input) => {
    const { status, stdout, stderr } = spawnSync(program, words, { env, input: input ?? '', timeout: 20_000 })
    return { exitCode: status ?? -1, stdout, stderr, durationMs: 0 }
  }
  return {
    ask,
    onDisk: () => readFileSync(join(disks, 'nvme0n1'), 'utf8'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}

const login = { user: 'ghaf', password: 'secret' }

for (const [what, sudo] of [
  ['asks for a password', ASKS],
  ['asks for none', TRUSTS],
] as const)
  test(`its questions are answered ahead of time where sudo ${what}`, async () => {
    for (const how of ['', 'removable']) {
      using board = installer(sudo, how)
      await installBlindly(board.ask, ORDER, login)
      assert.match(board.onDisk(), /^installed/)
    }
  })

test('a wrong password, a question more, a disk that is not there', async () => {
  using locked = installer(ASKS)
  const refused = installBlindly(locked.ask, ORDER, { ...login, password: 'wrong' })
  await assert.rejects(refused, (fault: Fault) => fault.code === 'configuration/login')
  for (const [how, device, code] of [
    ['asks-more', '/dev/nvme0n1', 'configuration/bench-file'],
    ['', '/dev/sdz', 'configuration/bench-file'],
    ['dies', '/dev/nvme0n1', 'product/installer'],
  ] as const) {
    using board = installer(TRUSTS, how)
    const installing = installBlindly(board.ask, { ...ORDER, device }, login)
    await assert.rejects(installing, (fault: Fault) => fault.code === code)
    assert.equal(board.onDisk(), 'blank')
  }
})
