import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lastFlash, lastFlashPath, unflashedSince, type LastFlash, type Unflashed } from '../agent/on-medium.ts'
import { keptOnDisk } from '../base/disk.ts'
import { replaceFile } from '../base/replace-file.ts'

export { lastFlash, unflashedSince }

/** Remembers what is on a board's medium. */
export function rememberFlash(stateDir: string, flash: LastFlash): void {
  replaceFile(lastFlashPath(stateDir), JSON.stringify(flash))
}

/**
 * Remembers that a flash begins: until `rememberFlash` nobody may believe in anything on the medium, however this process
 * ends. Gives back what takes that back, for a flash that ended before it changed anything.
 */
export function beginFlash(stateDir: string, nowMs: number): () => void {
  const path = lastFlashPath(stateDir)
  const before = textOf(path)
  const begun: Unflashed = { unflashedSince: new Date(nowMs).toISOString() }
  replaceFile(path, JSON.stringify(begun))
  return () => (before === undefined ? keptOnDisk(() => rmSync(path, { force: true })) : replaceFile(path, before))
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
