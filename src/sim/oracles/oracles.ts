import { asFault } from '../../base/fault.ts'
import type { SeedOutcome } from '../world.ts'
import { blame } from './blame.ts'
import { ending } from './ending.ts'
import { evidence } from './evidence.ts'
import { findingsOf, type Findings } from './findings.ts'
import { leases } from './leases.ts'
import type { LeaseOracle } from './leases/complaint.ts'
import { recording } from './recording.ts'

/** Something that may never happen, whatever goes wrong, and did. */
export interface Violation {
  readonly oracle: 'blame' | 'leases' | 'ending' | 'recording' | 'replay' | 'evidence' | 'reports' | LeaseOracle
  readonly what: string
}

/** To make all reports of a run takes as long as to live it; they are the same functions for each. */
const REPORTS_EVERY = 5

/** Checks what must hold after every seed; see DESIGN of the simulation in ARCHITECTURE.md. `replay` is checked by living it twice. */
export function check(outcome: SeedOutcome): { violations: Violation[]; findings: Findings[] } {
  const violations: Violation[] = []
  const findings: Findings[] = []
  const complain = (oracle: Violation['oracle'], complaints: readonly string[]): void =>
    void violations.push(...complaints.map(what => ({ oracle, what })))
  for (const run of outcome.runs)
    try {
      const found = findingsOf(run, outcome.plan.seed % REPORTS_EVERY === 0)
      if (!found) continue
      findings.push(found)
      complain('blame', blame(outcome, found))
      complain('evidence', evidence(found))
    } catch (error) {
      complain('reports', [`${run.planned.name}: ${asFault(error).message}`])
    }
  complain('leases', leases(outcome))
  for (const { oracle, atMs, what } of outcome.complaints)
    complain(oracle, [`at ${(atMs / 1000).toFixed(3)} s ${what}`])
  complain('ending', ending(outcome))
  complain('recording', recording(outcome))
  return { violations, findings }
}
