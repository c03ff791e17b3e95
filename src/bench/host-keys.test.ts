import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import type { HostKeyTrust } from '../model/event.ts'
import { fingerprintOf, HostKeys } from './host-keys.ts'

test('a fingerprint is the one ssh-keygen prints', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hil-key-'))
  const key = join(folder, 'key')
  for (const type of ['ed25519', 'ecdsa']) {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', `${key}-${type}`])
    const printed = execFileSync('ssh-keygen', ['-lf', `${key}-${type}.pub`]).toString()
    assert.equal(fingerprintOf(readFileSync(`${key}-${type}.pub`, 'utf8')), /SHA256:\S+/.exec(printed)?.[0])
  }
  rmSync(folder, { recursive: true })
})

const LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBtHOf4Eer8CRPP0BjQmLxX3qo93afcD0fVh0aDqeSyz root@ghaf-host'
const OWN = fingerprintOf(LINE)!

test('a key read over the console is believed, another one is infrastructure and says so', () => {
  const told: HostKeyTrust[] = []
  const keys = new HostKeys(trust => told.push(trust))
  assert.equal(keys.pin('ghaf-host', `cat: no such file\n${LINE}\n`, 'console'), 1)
  const check = keys.checkFor('ghaf-host')
  check('127.0.0.1', OWN)
  check('127.0.0.1', OWN)
  assert.deepEqual(told, [{ how: 'console', host: 'ghaf-host', fingerprint: OWN }])
  assert.throws(
    () => check('127.0.0.1', 'SHA256:other'),
    (fault: Fault) =>
      fault.code === 'infrastructure/ssh-host-key' &&
      fault.expected.includes('over its serial console') &&
      fault.seen === 'SHA256:other',
  )
})

test('without a console the first key is believed, recorded as such, and holds from then on', () => {
  const told: HostKeyTrust[] = []
  const keys = new HostKeys(trust => told.push(trust))
  assert.equal(keys.pin('ghaf-host', 'nothing here\n', 'console'), 0)
  keys.checkFor('ghaf-host')('10.0.0.1', 'SHA256:first')
  assert.deepEqual(told, [{ how: 'first-use', host: 'ghaf-host', fingerprint: 'SHA256:first' }])
  assert.throws(() => keys.checkFor('ghaf-host')('10.0.0.1', 'SHA256:second'), /at first use/)
})
