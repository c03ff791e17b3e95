import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { keptOnDisk } from '../../base/disk.ts'
import type { FaultCode } from '../../base/fault-codes.ts'
import { replaceFile } from '../../base/replace-file.ts'
import { NO_HEALTH, type HealthRecord } from '../../model/health.ts'
import { QUARANTINED } from '../../model/lease/words.ts'

const code = z.custom<FaultCode>(value => typeof value === 'string')
const Kept = z.object({
  uses: z.array(z.object({ atMs: z.number(), run: z.string(), fault: code.nullable() })),
  quarantine: z.object({ reason: z.string(), sinceMs: z.number(), by: z.string().nullable() }).nullable(),
  released: z.object({ by: z.string(), reason: z.string(), atMs: z.number() }).optional(),
  lastCheck: z
    .object({
      ...{ atMs: z.number(), durationMs: z.number(), ok: z.boolean(), image: z.string() },
      ...{ fault: code.optional(), seen: z.string().optional() },
    })
    .nullable(),
  clearedMs: z.number(),
})

/** What is known of a board's health on this host; nothing of one that was never used, or whose file cannot be read. */
export function readHealth(stateDir: string): HealthRecord {
  try {
    return Kept.parse(JSON.parse(readFileSync(pathIn(stateDir), 'utf8'))) as HealthRecord
  } catch {
    return NO_HEALTH
  }
}

/** Changes what is known, and gives it back. Readers see it whole: before or after. Errors: `infrastructure/disk-full`. */
export function changeHealth(stateDir: string, change: (record: HealthRecord) => HealthRecord): HealthRecord {
  const record = change(readHealth(stateDir))
  keptOnDisk(() => mkdirSync(stateDir, { recursive: true }))
  replaceFile(pathIn(stateDir), JSON.stringify(record))
  return record
}

/** Why nobody gets the board, as its bench's lease book says it; null: nothing keeps it. */
export function whyWithheld(stateDir: string): string | null {
  const { quarantine } = readHealth(stateDir)
  return quarantine && `${QUARANTINED}${quarantine.reason}`
}

function pathIn(stateDir: string): string {
  return join(stateDir, 'health.json')
}
