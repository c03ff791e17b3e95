import { globSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from './lab.ts'

// The one for programs with threads, where the distribution's `libfaketime` puts it.
const LIBRARY = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')[0]

/** Why a clock cannot be set here; undefined: it can. */
export const noFakeClock = LIBRARY === undefined ? 'libfaketime is not installed: run ci/setup' : undefined

/** The wall clock of all that a lab starts from now on, which can be set while they run. Monotonic time stays as it is. */
export class FakeClock {
  readonly #path: string

  constructor(lab: Lab) {
    this.#path = join(lab.folder, 'clock')
    this.set(0)
    Object.assign(lab.env, {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#path,
      // It is read at each look at the clock: who runs already sees it jump.
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
    })
  }

  /** So much before or behind the true time, at once. */
  set(aheadS: number): void {
    // Whole, for whoever reads it at this moment.
    writeFileSync(`${this.#path}.new`, `${aheadS < 0 ? '' : '+'}${aheadS}\n`)
    renameSync(`${this.#path}.new`, this.#path)
  }
}
