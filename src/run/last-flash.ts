import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../model/image.ts'
import type { FlashedMedium } from '../model/running.ts'

/** What was last proven to be on a board's medium, and how that medium is recognised. */
export interface LastFlash {
  readonly image: Image
  readonly medium?: FlashedMedium
}

/** Remembers what is on a board's medium; null: nobody may believe in anything that was there. */
export function rememberFlash(stateDir: string, flash: LastFlash | null): void {
  writeFileSync(pathOf(stateDir), JSON.stringify(flash))
}

/** What is on a board's medium; null when that is not known. */
export function lastFlash(stateDir: string): LastFlash | null {
  try {
    const read = JSON.parse(readFileSync(pathOf(stateDir), 'utf8')) as Partial<LastFlash> | null
    return read?.image === undefined ? null : (read as LastFlash)
  } catch {
    return null
  }
}

/** Remembers the id of a board's boot and gives back the one before. */
export function rememberBoot(stateDir: string, bootId: string): string | undefined {
  const path = join(stateDir, 'last-boot')
  let before: string | undefined
  try {
    before = readFileSync(path, 'utf8')
  } catch {
    // Its first boot under this program.
  }
  writeFileSync(path, bootId)
  return before
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'last-flash.json')
}
