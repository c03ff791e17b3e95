import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../model/image.ts'
import type { FlashedMedium } from '../model/running.ts'

/** What was last proven to be on a board's medium, and how that medium is recognised. */
export interface LastFlash {
  readonly image: Image
  readonly medium?: FlashedMedium
}

/** A flash began and did not end: the medium boots nowhere. */
export interface Unflashed {
  readonly unflashedSince: string
}

/** What is on a board's medium; null when that is not known. */
export function lastFlash(stateDir: string): LastFlash | null {
  const { image, ...more } = read(stateDir)
  return image === undefined ? null : { image, ...more }
}

/** When the flash began that never ended; null when the last one did, or none is known. */
export function unflashedSince(stateDir: string): string | null {
  return read(stateDir).unflashedSince ?? null
}

/** The file that says so. */
export function lastFlashPath(stateDir: string): string {
  return join(stateDir, 'last-flash.json')
}

function read(stateDir: string): Partial<LastFlash & Unflashed> {
  try {
    const text = readFileSync(lastFlashPath(stateDir), 'utf8')
    return (JSON.parse(text) as Partial<LastFlash & Unflashed> | null) ?? {}
  } catch {
    // Its first flash under this program, or cut short when this host went down: nothing is known.
    return {}
  }
}
