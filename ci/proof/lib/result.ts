import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../e2e/hil.ts'
import { thisCommit, thisMachine, type Machine } from './machine.ts'

/** What a proof found, for whoever reads it later. */
export interface Result {
  readonly proof: string
  /** All of it in a line. */
  readonly line: string
  readonly commit: string
  readonly machine: Machine
  readonly beganAt: string
  readonly durationS: number
  readonly found: object
  /** What did not hold; none: it is proven. */
  readonly failures: readonly string[]
}

/** Keeps a result as `reports/proof/<proof>.json` and gives back where; the one before is in the history of the repository. */
export function keepResult(
  proof: string,
  { line, beganMs, found, failures }: { line: string; beganMs: number; found: object; failures: readonly string[] },
): string {
  const folder = join(ROOT, 'reports/proof')
  mkdirSync(folder, { recursive: true })
  const result: Result = {
    proof,
    line,
    commit: thisCommit(),
    machine: thisMachine(),
    beganAt: new Date(beganMs).toISOString(),
    durationS: Math.round((Date.now() - beganMs) / 1000),
    found,
    failures,
  }
  const path = join(folder, `${proof}.json`)
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`)
  return path
}
