import type { Blocker } from './gate.ts'
import type { ReleaseReport } from './release.ts'

/** The gate's answer for scripts. */
export function gateJson({ to, from, asOf, gate, doubts }: ReleaseReport): object {
  const { passes, open, waived, expired, unused } = gate
  return {
    release: to,
    ...(from !== undefined && { from }),
    asOf,
    passes,
    blockers: open.map(plainBlocker),
    waived: waived.map(({ blocker, waivers }) => ({ ...plainBlocker(blocker), waivers })),
    expired,
    unused,
    doubts,
  }
}

function plainBlocker({ kind, feature, word, types, why, evidence }: Blocker): object {
  return { kind, feature: feature.id, device: word, types, why, ...(evidence && { evidence }) }
}
