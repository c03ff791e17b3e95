import type { Board } from '../bench/load.ts'
import { faultsPer100 } from '../model/health.ts'
import { readHealth } from './health/health-file.ts'
import { lastFlash, unflashedSince } from './on-medium.ts'

/** What the host that has a board knows of it: from the bench file, and from the folder of its state. */
export function knownOf({ type, spec, stateDir }: Pick<Board, 'type' | 'spec' | 'stateDir'>) {
  const image = lastFlash(stateDir)?.image ?? null
  const health = readHealth(stateDir)
  const { uses, lastCheck, quarantine } = health
  return {
    title: type.title,
    twin: spec.twin,
    note: spec.note ?? null,
    unflashedSince: unflashedSince(stateDir),
    image: image && { name: image.name ?? null, sha256: image.sha256, version: image.version ?? null },
    /** How often runs met faults of it, and what its last check found. */
    record: { runs: uses.length, faultsPer100: faultsPer100(health), lastCheck, quarantine },
  }
}
