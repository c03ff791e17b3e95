import { Fault } from '../../base/fault.ts'
import type { Start } from '../../bench/recording/reader.ts'

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What `--since` means: `10m`, `2h`, `1d`, an ISO time, or `boot`. Errors: `configuration/usage`. */
export function parseSince(text: string, nowMs: number): Start {
  if (text === 'boot') return 'boot'
  const ago = /^(\d{1,9}(?:\.\d{1,3})?)([smhd])$/.exec(text)
  if (ago) return { sinceMs: nowMs - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS] }
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(atMs)) return { sinceMs: atMs }
  throw new Fault('configuration/usage', {
    expected: "--since to be an age (30s, 10m, 2h, 1d), a time (2026-08-01T12:00:00Z) or 'boot'",
    seen: `'${text}'`,
    next: 'correct --since; see hil log --help',
  })
}
