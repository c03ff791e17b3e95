import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { Complaint } from '../base/schema.ts'
import type { Evidence } from './cell.ts'

const offset = z.int().min(0)

const Line = z.strictObject({
  feature: z.string().min(1),
  type: z.string().min(1),
  board: z.string().min(1),
  twin: z.boolean(),
  verdict: z.enum(['pass', 'fail']),
  at: z.iso.datetime({ offset: true }),
  run: z.string().min(1),
  imageSha256: z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256'),
  commit: z.string().nullable(),
  line: z.string().nullable(),
  variant: z.string(),
  slice: z.strictObject({ from: offset, to: offset }).exactOptional(),
  why: z.string().exactOptional(),
  manual: z.strictObject({ by: z.string().min(1), note: z.string().min(1) }).exactOptional(),
}) satisfies z.ZodType<Evidence>

/** Evidence as the text of `reports/evidence.jsonl`: one compact line each, keys always in the same order. */
export function formatEvidence(evidence: readonly Evidence[]): string {
  const keys = Object.keys(Line.shape) as (keyof Evidence)[]
  return evidence.map(line => `${JSON.stringify(Object.fromEntries(keys.map(key => [key, line[key]])))}\n`).join('')
}

/** The evidence in such a text. Errors: one `configuration/run-log` that names every bad line with file:line. */
export function parseEvidence(text: string, path: string): Evidence[] {
  const evidence: Evidence[] = []
  const complaints: Complaint[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const where = `${path}:${index + 1}`
    const parsed = parseLine(line)
    if ('why' in parsed) complaints.push(...parsed.why.map(message => ({ where, message })))
    else evidence.push(parsed.evidence)
  }
  if (complaints.length === 0) return evidence
  throw new Fault('configuration/run-log', {
    expected: `evidence in every line of ${path}`,
    seen: `${complaints.length} mistake${complaints.length === 1 ? '' : 's'}`,
    evidence: complaints.map(({ where, message }) => `${where}: ${message}`),
    next: 'restore the lines named above from version control',
  })
}

function parseLine(line: string): { evidence: Evidence } | { why: string[] } {
  if (/^(?:<{7}|={7}|>{7})/.test(line)) return { why: ['a merge conflict: keep the lines of both sides'] }
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (error) {
    return { why: [(error as Error).message] }
  }
  const result = Line.safeParse(json)
  if (result.success) return { evidence: result.data }
  return { why: result.error.issues.map(issue => `${issue.path.join('.') || 'the line'}: ${issue.message}`) }
}
