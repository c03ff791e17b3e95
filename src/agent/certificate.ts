import { X509Certificate } from 'node:crypto'
import { count } from '../base/text.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** Long enough before its end for somebody to renew it who is away for a week. */
const SOON_DAYS = 14

/**
 * Why other hosts refuse a certificate, or soon will; undefined: no reason in its dates. Of a chain the first one counts. Errors: those of
 * `X509Certificate` for what is none.
 */
export function whyRefusedSoon(cert: string, nowMs: number): string | undefined {
  const { validFrom, validTo } = new X509Certificate(cert)
  const day = (text: string): string => new Date(text).toISOString().slice(0, 10)
  const leftDays = (Date.parse(validTo) - nowMs) / DAY_MS
  if (nowMs < Date.parse(validFrom)) return `it is not valid before ${day(validFrom)}`
  if (leftDays < 0) return `it has been no longer valid since ${day(validTo)}`
  if (leftDays >= SOON_DAYS) return undefined
  return `it is valid for ${leftDays < 1 ? 'less than a day' : count(Math.floor(leftDays), 'day')} more, until ${day(validTo)}`
}
