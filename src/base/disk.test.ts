import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { diskFault } from './disk.ts'
import { Fault } from './fault.ts'
import { replaceFile } from './replace-file.ts'

test('what a disk refuses is told as what it is: full, or not to be written', () => {
  for (const code of ['ENOSPC', 'EDQUOT'])
    assert.match(diskFault(Object.assign(new Error(code), { code })).next, /free some space/)
  let refused: unknown
  try {
    writeFileSync('/proc/none/x', 'x')
  } catch (error) {
    refused = error
  }
  const fault = diskFault(refused)
  assert.equal(fault.code, 'infrastructure/disk-full')
  assert.match(fault.seen, /ENOENT.*'.proc.none.x'/)
  assert.match(fault.next, /may write there/)
  const known = new Fault('lease/stale', { expected: 'a', seen: 'b' })
  assert.equal(diskFault(known), known)
})

test('a file that cannot be replaced is a fault that names it', () => {
  assert.throws(
    () => replaceFile('/proc/none/x', 'x'),
    (fault: unknown) =>
      fault instanceof Fault && fault.code === 'infrastructure/disk-full' && /ENOENT.*none.x/.test(fault.seen),
  )
})
