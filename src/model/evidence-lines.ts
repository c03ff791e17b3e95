import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { linesOf } from '../base/lines.ts'
import type { Complaint } from '../base/schema.ts'
import type { Evidence } from './cell.ts'
import { isPlainEvidence } from './evidence-plain.ts'

const offset = z.int().min(0)

/** One line of evidence. */
export const EvidenceLine = z.strictObject({
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
  position: offset.exactOptional(),
  reruns: z.strictObject({ ran: z.int().min(1), agreed: offset }).exactOptional(),
  untested: z.array(z.string()).min(1).exactOptional(),
  absent: z.literal(true).exactOptional(),
  slice: z.strictObject({ from: offset, to: offset }).exactOptional(),
  why: z.string().exactOptional(),
  manual: z.strictObject({ by: z.string().min(1), note: z.string().min(1) }).exactOptional(),
}) satisfies z.ZodType<Evidence>

/** Evidence as the text of `reports/evidence.jsonl`: one compact line each, keys always in the same order. */
export function formatEvidence(evidence: readonly Evidence[]): string {
  const keys = Object.keys(EvidenceLine.shape) as (keyof Evidence)[]
  return evidence.map(line => `${JSON.stringify(Object.fromEntries(keys.map(key => [key, line[key]])))}\n`).join('')
}

/** The evidence in such a text, or in its lines. Errors: one `configuration/run-log` that names every bad line with file:line. */
export function parseEvidence(file: string | Iterable<string>, path: string): Evidence[] {
  const evidence: Evidence[] = []
  const complaints: Complaint[] = []
  const words = new Words()
  let number = 0
  for (const line of typeof file === 'string' ? linesOf(file) : file) {
    number++
    if (line.trim() === '') continue
    const where = `${path}:${number}`
    const parsed = parseLine(line)
    if ('why' in parsed) complaints.push(...parsed.why.map(message => ({ where, message })))
    else evidence.push(words.shared(parsed.evidence))
  }
  if (complaints.length === 0) return evidence
  throw new Fault('configuration/run-log', {
    expected: `evidence in every line of ${path}`,
    seen: `${complaints.length} mistake${complaints.length === 1 ? '' : 's'}`,
    evidence: complaints.map(({ where, message }) => `${where}: ${message}`),
    next: 'restore the lines named above from version control',
  })
}

/** Texts that many lines have in common, kept once: of 100 000 lines that is most of their memory. */
class Words {
  readonly #known = new Map<string, string>()

  /** The line itself, with its texts exchanged for the ones that are kept. */
  shared(line: { -readonly [K in keyof Evidence]: Evidence[K] }): Evidence {
    line.feature = this.#one(line.feature)
    line.type = this.#one(line.type)
    line.board = this.#one(line.board)
    line.at = this.#one(line.at)
    line.run = this.#one(line.run)
    line.imageSha256 = this.#one(line.imageSha256)
    if (line.commit !== null) line.commit = this.#one(line.commit)
    return line
  }

  #one(text: string): string {
    const known = this.#known.get(text)
    if (known === undefined) this.#known.set(text, text)
    return known ?? text
  }
}

function parseLine(line: string): { evidence: Evidence } | { why: string[] } {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (error) {
    const isConflict = /^(?:<{7}|={7}|>{7})/.test(line)
    return { why: [isConflict ? 'a merge conflict: keep the lines of both sides' : (error as Error).message] }
  }
  if (isPlainEvidence(json)) return { evidence: json }
  const result = EvidenceLine.safeParse(json)
  if (result.success) return { evidence: result.data }
  return { why: result.error.issues.map(issue => `${issue.path.join('.') || 'the line'}: ${issue.message}`) }
}
