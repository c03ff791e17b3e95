import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Image } from '../../../model/image.ts'

const FILE = 'proven-image.json'

/**
 * Whether this very file was seen, on an earlier flash of this board, to decode to what its sidecar promises: it does so
 * every time, and to hash a gigabyte of zeros again proves nothing new.
 */
export function isPromiseProven(stateDir: string, { sha256, rawSha256 }: Image): boolean {
  try {
    const proven = JSON.parse(readFileSync(join(stateDir, FILE), 'utf8')) as Partial<Image>
    return proven.sha256 === sha256 && proven.rawSha256 === rawSha256
  } catch {
    return false
  }
}

/** Remembers a promise that was kept. Only a help: that it cannot be written is no reason to fail. */
export function rememberProof(stateDir: string, { sha256, rawSha256 }: Image): void {
  try {
    writeFileSync(join(stateDir, FILE), JSON.stringify({ sha256, rawSha256 }))
  } catch {
    // The next flash hashes once more.
  }
}
