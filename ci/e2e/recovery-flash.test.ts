import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { missingFor } from '../../src/drivers/power/qemu/missing.ts'
import { QemuOptions } from '../../src/drivers/power/qemu/options.ts'
import { imageOf } from './images.ts'
import { ghafBoard, runSuites } from './ghaf.ts'
import { ROOT } from './hil.ts'
import { Lab, type BoardYaml } from './lab.ts'
import { slow } from './slow.ts'

// An Orin that is flashed whole in its recovery mode: relays and USB are played, the flash program writes the twin's disk.
// Two boots of an emulated Orin: on demand, as every row's broken variants that take so long.

const skip = (await missingFor(QemuOptions.parse({ machine: 'orin', disk: 'none' }))) ?? slow

const RELAYS = join(ROOT, 'src/drivers/media/recovery/stand-in.sh')

function orin(lab: Lab, args: string): BoardYaml {
  const relay = (line: string, how: string): string[] => [RELAYS, '${state}/sys', line, how]
  return ghafBoard(lab, '', {
    type: 'orin',
    images: { debug: imageOf('ghaf-arm64', args) },
    power: lab.power({ machine: 'orin', memoryMiB: 512 }),
    limitsMs: { boot: 120_000, ssh: 45_000 },
    media: {
      driver: 'recovery',
      enter: [relay('recovery', 'on'), relay('reset', 'on'), relay('reset', 'off'), relay('recovery', 'off')],
      leave: [relay('recovery', 'off'), relay('power', 'off')],
      sysRoot: '${state}/sys',
    },
    flasher: { driver: 'program', command: ['sh', '-c', 'zstd -dqf "$HIL_IMAGE" -o "$0"', '${state}/disk.img'] },
  })
}

test('a board flashed whole runs that image from the disk inside it, with its firmware', { skip }, async () => {
  await using lab = await Lab.open()
  const features = ['--feature', 'aarch64-image-orin', '--feature', 'aarch64-flashing']
  const { cells } = await runSuites(lab, orin(lab, ''), 0, ...features)
  assert.deepEqual(cells, { 'aarch64-image-orin': 'pass', 'aarch64-flashing': 'pass' })
})

test('firmware that the flash left as it was fails the row', { skip }, async () => {
  await using lab = await Lab.open()
  const board = orin(lab, 'hil.break=aarch64-flashing')
  const { cells } = await runSuites(lab, board, 1, '--feature', 'aarch64-flashing')
  assert.deepEqual(cells, { 'aarch64-flashing': 'fail' })
})
