import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keptOnDisk } from '../base/disk.ts'
import { replaceFile } from '../base/replace-file.ts'
import type { Image } from '../model/image.ts'
import type { FlashedMedium } from '../model/running.ts'

/** What was last proven to be on a board's medium, and how that medium is recognised. */
export interface LastFlash {
  readonly image: Image
  readonly medium?: FlashedMedium
}

/** A flash began and did not end: the medium boots nowhere. */
interface Unflashed {
  readonly unflashedSince: string
}

/** Remembers what is on a board's medium. */
export function rememberFlash(stateDir: string, flash: LastFlash): void {
  replaceFile(pathOf(stateDir), JSON.stringify(flash))
}

/**
 * Remembers that a flash begins: until `rememberFlash` nobody may believe in anything on the medium, however this process
 * ends. Gives back what takes that back, for a flash that ended before it changed anything.
 */
export function beginFlash(stateDir: string, nowMs: number): () => void {
  const path = pathOf(stateDir)
  const before = textOf(path)
  const begun: Unflashed = { unflashedSince: new Date(nowMs).toISOString() }
  replaceFile(path, JSON.stringify(begun))
  return () => (before === undefined ? keptOnDisk(() => rmSync(path, { force: true })) : replaceFile(path, before))
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

function read(stateDir: string): Partial<LastFlash & Unflashed> {
  try {
    return (JSON.parse(textOf(pathOf(stateDir)) ?? '{}') as Partial<LastFlash & Unflashed> | null) ?? {}
  } catch {
    // Cut short when this host went down: nothing is known.
    return {}
  }
}

/** Remembers the id of a board's boot and gives back the one before. */
export function rememberBoot(stateDir: string, bootId: string): string | undefined {
  const path = join(stateDir, 'last-boot')
  const before = textOf(path)
  replaceFile(path, bootId)
  return before
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Its first flash or boot under this program.
    return undefined
  }
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'last-flash.json')
}
