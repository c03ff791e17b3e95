import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingFor } from '../../src/drivers/power/qemu/missing.ts'
import { QemuOptions } from '../../src/drivers/power/qemu/options.ts'
import { ghafBoard, runSuites } from './ghaf.ts'
import { Lab, type BoardYaml } from './lab.ts'

// The laptop's own rows. UEFI takes its time under emulation: on demand.

const skip =
  (await missingFor(QemuOptions.parse({ machine: 'x1', disk: 'none' }))) ??
  (process.env.HIL_TRUTH === undefined && 'slow: set HIL_TRUTH=1')

function laptop(lab: Lab, args: string): BoardYaml {
  const power = lab.power({ machine: 'x1', memoryMiB: 768 })
  return ghafBoard(lab, args, { type: 'x1', power, limitsMs: { boot: 200_000, ssh: 90_000 } })
}

test('a sound image passes as the image of an X1', { skip }, async () => {
  await using lab = await Lab.open()
  const { cells } = await runSuites(lab, laptop(lab, ''), 0, '--feature', 'lenovo-x1-image')
  assert.deepEqual(cells, { 'lenovo-x1-image': 'pass' })
})

test('with a failed unit it does not', { skip }, async () => {
  await using lab = await Lab.open()
  const { cells } = await runSuites(lab, laptop(lab, 'hil.break=degraded'), 1, '--feature', 'lenovo-x1-image')
  assert.deepEqual(cells, { 'lenovo-x1-image': 'fail' })
})
