import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../base/fault.ts'
import { mustLieInside } from './install.ts'

test('the medium that an installer runs from is never what it installs on', () => {
  const refused = (fault: Fault): boolean =>
    fault.code === 'configuration/bench-file' && /which is nvme1n1: the medium/.test(fault.seen)
  assert.throws(() => mustLieInside('/dev/disk/by-id/x', '/dev/nvme1n1', 'nvme1n1'), refused)
  assert.throws(() => mustLieInside('/dev/nvme1n1', '/dev/nvme1n1', 'nvme1n1'), refused)
})

test('any other disk is left to the installer, and so is one whose medium is not known', () => {
  mustLieInside('/dev/nvme1n1', '/dev/nvme1n1', 'nvme0n1')
  mustLieInside('/dev/nvme1n1', '/dev/nvme1n1', null)
  mustLieInside('/dev/sda', '', 'sdb')
})
