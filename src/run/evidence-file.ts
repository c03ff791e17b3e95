import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, writeSync } from 'node:fs'
import { diskFault } from '../base/disk.ts'
import { NameLock } from '../image/name-lock.ts'
import type { Evidence } from '../model/cell.ts'
import { formatEvidence, mergeEvidence } from '../model/evidence.ts'
import { loadEvidence } from './catalog.ts'

/**
 * Takes evidence into the file that is the memory of all runs: never half of it, and never over what another process of
 * this host takes in at the same time. Errors: `configuration/run-log` when the file has mistakes; `infrastructure/disk-full`.
 */
export async function addEvidence(path: string, added: readonly Evidence[], signal: AbortSignal): Promise<void> {
  const place = existsSync(path) ? realpathSync(path) : path
  await using _lock = await NameLock.take(`evidence/${place}`, signal)
  const text = formatEvidence(mergeEvidence(loadEvidence(place), added))
  try {
    const fd = openSync(`${place}.new`, 'w')
    try {
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(`${place}.new`, place)
  } catch (cause) {
    throw diskFault(cause)
  }
}
