import type { Evidence } from './cell.ts'

/** As `toISOString` writes times; the 29th of February is left to the schema. */
const TIME =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/
const DIGEST = /^[0-9a-f]{64}$/
const REQUIRED = 11

/**
 * Whether a line of evidence has the form that all but a few have, told in a fraction of the time its schema takes.
 *
 * Never true of what the schema would refuse; what is rare (a person's word, untested checks) is left to it.
 */
export function isPlainEvidence(json: unknown): json is Evidence {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const line = json as Partial<Record<keyof Evidence, unknown>>
  const { position, reruns, slice, why } = line
  const isKnown =
    isWord(line.feature) &&
    isWord(line.type) &&
    isWord(line.board) &&
    typeof line.twin === 'boolean' &&
    (line.verdict === 'pass' || line.verdict === 'fail') &&
    typeof line.at === 'string' &&
    TIME.test(line.at) &&
    isWord(line.run) &&
    typeof line.imageSha256 === 'string' &&
    DIGEST.test(line.imageSha256) &&
    (line.commit === null || typeof line.commit === 'string') &&
    (line.line === null || typeof line.line === 'string') &&
    typeof line.variant === 'string'
  if (!isKnown) return false
  const more = [position, reruns, slice, why].filter(value => value !== undefined).length
  return (
    Object.keys(line).length === REQUIRED + more &&
    (position === undefined || isOffset(position)) &&
    (reruns === undefined || (isPair(reruns, 'ran', 'agreed') && reruns.ran > 0)) &&
    (slice === undefined || isPair(slice, 'from', 'to')) &&
    (why === undefined || typeof why === 'string')
  )
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isOffset(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPair<K extends string>(value: unknown, a: K, b: K): value is Record<K, number> {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 2) return false
  const pair = value as Record<K, unknown>
  return isOffset(pair[a]) && isOffset(pair[b])
}
