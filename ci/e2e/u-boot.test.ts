import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingFor } from '../../src/drivers/power/qemu/missing.ts'
import { QemuOptions } from '../../src/drivers/power/qemu/options.ts'
import { imageOf } from './images.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { cellsOf, faultRecords, faultsOf } from './verdicts.ts'

// A real U-Boot, as u-boot-qemu brings it: driven by a suite, and blamed for what it does not boot.

const skip = (await missingFor(QemuOptions.parse({ machine: 'orin', disk: 'none' }))) ?? false

function orin(lab: Lab, change: BoardYaml = {}): BoardYaml {
  return {
    type: 'orin',
    images: { debug: imageOf('tiny-arm64') },
    media: { driver: 'file', path: '${state}/disk.img', sizeMiB: 128 },
    power: lab.power({ machine: 'orin' }),
    limitsMs: { boot: 90_000, ssh: 45_000 },
    ...change,
  }
}

test('a suite stops it, asks it, and boots on', { skip }, async () => {
  await using lab = await Lab.open()
  const ended = await lab.run(orin(lab), ['u-boot'], 0)
  assert.deepEqual(cellsOf(ended), { 'u-boot': 'pass' })
})

test('a medium with nothing bootable on it ends the boot at once', { skip }, async () => {
  await using lab = await Lab.open()
  const debug = lab.file('zeros.img', '\0'.repeat(1 << 20))
  const startedMs = performance.now()
  const ended = await lab.run(orin(lab, { images: { debug } }), ['u-boot'], 1)
  assert.deepEqual(faultsOf(ended), ['product/no-boot'])
  assert.match(
    faultRecords(ended)[0]!.seen,
    /at its own prompt.*, after an image that the boot loader refused: \*\* No partition table/,
  )
  // Long before the limit of the boot.
  assert.ok(performance.now() - startedMs < 60_000)
})
