import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressesIn, devicesIn, passthroughComplaints, platformComplaints } from './passthrough.ts'

const INSIDE = `00:00.0 0600: 8086:0d57
00:05.0 0280: 8086:51f1 (rev 01)
`
const HOST = '0000:00:14.3 0x8086 0x51f1 ../../../bus/pci/drivers/vfio-pci\n'

test('addresses are found whatever separates them', () => {
  assert.deepEqual(addressesIn('0000:00:14.3\n0001:01:00.0\n'), ['0000:00:14.3', '0001:01:00.0'])
  assert.deepEqual(addressesIn('["0000:00:1F.6"]'), ['0000:00:1f.6'])
  assert.deepEqual(addressesIn(''), [])
})

test('a device that vfio has and the guest sees', () => {
  assert.deepEqual(devicesIn(HOST), [{ address: '0000:00:14.3', id: '8086:51f1', driver: 'vfio-pci' }])
  assert.deepEqual(passthroughComplaints(devicesIn(HOST), INSIDE), [])
})

test('one that the host kept, and one that did not arrive', () => {
  const kept = devicesIn(HOST.replace('vfio-pci', 'iwlwifi'))
  assert.deepEqual(passthroughComplaints(kept, INSIDE), [
    "0000:00:14.3 has the driver 'iwlwifi' on the host, not vfio-pci",
  ])
  assert.deepEqual(passthroughComplaints(devicesIn('0000:00:14.3 0x8086 0x51f1\n'), '00:00.0 0600: 8086:0d57\n'), [
    "0000:00:14.3 has the driver '' on the host, not vfio-pci",
    '0000:00:14.3 (8086:51f1) is not there in the guest',
  ])
})

test('a platform device that vfio has, and ones that it has not or not well', () => {
  const path = '../../../../bus/platform/drivers/vfio-platform\n'
  const clean = '[    9.1] vfio-platform 31d0000.serial: reset\n'
  assert.deepEqual(platformComplaints('31d0000.serial', path, clean), [])
  assert.deepEqual(platformComplaints('31d0000.serial', '../drivers/tegra-utc\n', ''), [
    "31d0000.serial has the driver 'tegra-utc' on the host, not vfio-platform",
  ])
  assert.deepEqual(
    platformComplaints('31d0000.serial', path, `${clean}[ 9.2] vfio-platform: probe failed with error -22\n`),
    ['the kernel says: [ 9.2] vfio-platform: probe failed with error -22'],
  )
})
