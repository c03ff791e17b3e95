import { renameSync, writeFileSync } from 'node:fs'

/** Writes a file so that whoever reads it, also after a kill, sees all of the old text or all of the new. Errors: what the system says. */
export function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text)
  renameSync(`${path}.new`, path)
}
