import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineDriver } from '../../controls/driver.ts'
import type { Power } from '../../controls/power.ts'
import { plug } from './qemu/adapter.ts'
import { QemuBoard } from './qemu/board.ts'
import { missingFor } from './qemu/missing.ts'
import { QemuOptions } from './qemu/options.ts'

/**
 * A virtual board: QEMU as its supply, with a serial adapter that stays plugged in while the power goes.
 *
 * Limits: an imx8mp boots what its medium names without its real ROM and boot loader, which QEMU cannot run.
 * Source: https://www.qemu.org/docs/master/system/
 */
export default defineDriver<Power, QemuOptions>({
  models: ['QEMU 7.2 (nuc, x1, orin)', 'QEMU 10.0 (all)'],
  options: QemuOptions,
  missing: missingFor,
  async open(options, context) {
    mkdirSync(context.stateDir, { recursive: true })
    const signal = AbortSignal.timeout(10_000)
    const adapter =
      options.console === undefined
        ? undefined
        : await plug(resolve(options.console), resolve(context.stateDir), context.clock, signal)
    return new QemuBoard(options, { ...context, stateDir: resolve(context.stateDir) }, adapter?.board)
  },
})
