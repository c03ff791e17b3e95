import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingFor } from '../../src/drivers/power/qemu/missing.ts'
import { QemuOptions } from '../../src/drivers/power/qemu/options.ts'
import { imageOf } from './images.ts'
import { ghafBoard, runSuites } from './ghaf.ts'
import { Lab } from './lab.ts'
import { slow } from './slow.ts'
import { faultsOf } from './verdicts.ts'

// The arm boards start by other firmware and other files; a broken image must be found out on them as well.

const lacks = async (machine: 'orin' | 'imx8mp'): Promise<string | false> =>
  (await missingFor(QemuOptions.parse({ machine, disk: 'none' }))) ?? false
const skip = { orin: await lacks('orin'), imx8mp: await lacks('imx8mp') }

test('orin: an image with a failed unit', { skip: skip.orin || slow }, async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, '', {
    type: 'orin',
    images: { debug: imageOf('ghaf-arm64', 'hil.break=degraded') },
    power: lab.power({ machine: 'orin', memoryMiB: 512 }),
    limitsMs: { boot: 120_000, ssh: 45_000 },
  })
  const { cells } = await runSuites(lab, board, 1, '--feature', 'aarch64-image-orin')
  assert.deepEqual(cells, { 'aarch64-image-orin': 'fail' })
})

test('imx8mp: an image that panics', { skip: skip.imx8mp }, async () => {
  await using lab = await Lab.open()
  const board = ghafBoard(lab, '', {
    type: 'imx8mp',
    images: { debug: imageOf('ghaf-imx8mp', 'hil.break=panic') },
    power: lab.power({ machine: 'imx8mp', memoryMiB: 1024 }),
    limitsMs: { boot: 120_000, ssh: 45_000 },
  })
  const { cells, ended } = await runSuites(lab, board, 1, '--feature', 'aarch64-image-imx8mp')
  assert.deepEqual(cells, { 'aarch64-image-imx8mp': 'fail' })
  for (const code of faultsOf(ended)) assert.equal(code, 'product/panic')
})
