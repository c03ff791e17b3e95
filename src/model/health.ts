import { classOf } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { RunEvent } from './event.ts'

/** One run on a board. */
export interface Use {
  readonly atMs: number
  readonly run: string
  /** The first infrastructure fault of the board or its cables that it met; null: none. */
  readonly fault: FaultCode | null
  /** Why nobody should rely on the board from now on, as a comparison with its golden image found. */
  readonly doubt?: string
}

/** Why nobody gets a board. */
export interface Quarantine {
  readonly reason: string
  readonly sinceMs: number
  /** Who said so; null: the rule, which a health check takes back. */
  readonly by: string | null
}

/** Who gave a board back last, and why. */
export interface Release {
  readonly by: string
  readonly reason: string
  readonly atMs: number
}

/** What a health check found. */
export interface Check {
  readonly atMs: number
  readonly durationMs: number
  readonly ok: boolean
  /** What it booted. */
  readonly image: string
  /** Why it did not pass. */
  readonly fault?: FaultCode
  readonly seen?: string
}

/** What is kept of a board's health, on the host that has it. */
export interface HealthRecord {
  /** The newest runs, oldest first. */
  readonly uses: readonly Use[]
  readonly quarantine: Quarantine | null
  /** Absent: nobody ever did; what a check gave back is its own word. */
  readonly released?: Release
  readonly lastCheck: Check | null
  /** Faults before this time no longer speak against it: it was checked, or released by somebody. */
  readonly clearedMs: number
}

export const NO_HEALTH: HealthRecord = { uses: [], quarantine: null, lastCheck: null, clearedMs: 0 }

/** What is kept of a release for which nobody said why. */
export const NO_REASON = 'no reason was given'

const USES_KEPT = 100
/** So many runs in a row that met a fault of the board, and it is withheld. */
const FAULTS_IN_A_ROW = 2

/** Of this host, its disk, its network or its programs: they say nothing about a board. */
const NOT_OF_A_BOARD: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'infrastructure/disk-full',
  'infrastructure/host-busy',
  'infrastructure/download',
  'infrastructure/image-read',
  'infrastructure/recording-dropped',
  'infrastructure/worker-lost',
  'infrastructure/agent-gone',
  'infrastructure/runner',
  'infrastructure/tty-busy',
  'infrastructure/board-quarantined',
])

export function isOfBoard(code: FaultCode): boolean {
  return classOf(code) === 'infrastructure' && !NOT_OF_A_BOARD.has(code)
}

/** The first fault of a board in a run's log that speaks against the board itself. */
export function boardFaultIn(events: readonly RunEvent[], board: string): FaultCode | null {
  for (const event of events) {
    if (!('board' in event) || event.board !== board) continue
    const fault = event.type === 'fault' ? event.fault : event.type === 'test' ? event.result.fault : undefined
    if (fault && isOfBoard(fault.code)) return fault.code
  }
  return null
}

/** Why a run's diagnosis wants a board withheld; undefined: it does not, or there was none. */
export function doubtIn(events: readonly RunEvent[], board: string): string | undefined {
  const made = events.findLast(event => event.type === 'diagnosis' && event.board === board)
  return made?.type === 'diagnosis' && made.wantsQuarantine ? `${made.is}: ${made.why}` : undefined
}

/** A record after a run: two in a row that met a fault of the board quarantine it, and so does one that leaves it in doubt. */
export function afterUse(record: HealthRecord, { atMs, ...what }: Use): HealthRecord {
  const use = { atMs: inOrder(record, atMs), ...what }
  const uses = [...record.uses, use].slice(-USES_KEPT)
  const next = { ...record, uses }
  if (record.quarantine) return next
  if (use.doubt !== undefined) return { ...next, quarantine: { reason: use.doubt, sinceMs: use.atMs, by: null } }
  const last = uses.filter(({ atMs }) => atMs > record.clearedMs).slice(-FAULTS_IN_A_ROW)
  if (last.length < FAULTS_IN_A_ROW || !last.every(({ fault }) => fault !== null)) return next
  const reason = `${FAULTS_IN_A_ROW} runs in a row met a fault of it: ${last.map(({ run, fault }) => `${fault} in ${run}`).join(', ')}`
  return { ...next, quarantine: { reason, sinceMs: use.atMs, by: null } }
}

/**
 * A record after a health check: one that passed takes back what the rule said, never what a person did. One that failed by the
 * board or its cables withholds it; one that failed by its image says nothing of the board.
 */
export function afterCheck(record: HealthRecord, { atMs, ...what }: Check): HealthRecord {
  const check = { atMs: inOrder(record, atMs), ...what }
  const next = { ...record, lastCheck: check }
  if (check.ok) {
    const quarantine = record.quarantine?.by == null ? null : record.quarantine
    return { ...next, clearedMs: check.atMs, quarantine }
  }
  if (record.quarantine || check.fault === undefined || !isOfBoard(check.fault)) return next
  const reason = `its health check failed: ${check.fault}: ${check.seen ?? ''}`
  return { ...next, quarantine: { reason, sinceMs: check.atMs, by: null } }
}

/** A record of a board that somebody withholds. */
export function withheldBy(record: HealthRecord, reason: string, by: string, atMs: number): HealthRecord {
  return { ...record, quarantine: { reason, sinceMs: inOrder(record, atMs), by } }
}

/** A record of a board that somebody gives back. */
export function releasedBy(record: HealthRecord, reason: string, by: string, atMs: number): HealthRecord {
  const clearedMs = inOrder(record, atMs)
  return { ...record, quarantine: null, released: { by, reason, atMs: clearedMs }, clearedMs }
}

/** A time that is not before anything in a record: of a clock that was set back the order remains, by which it is judged. */
function inOrder({ uses, quarantine, lastCheck, clearedMs }: HealthRecord, atMs: number): number {
  const newestMs = Math.max(uses.at(-1)?.atMs ?? 0, quarantine?.sinceMs ?? 0, lastCheck?.atMs ?? 0, clearedMs)
  return atMs >= newestMs ? atMs : newestMs + 1
}

/** How often runs met faults of a board, per 100; null: it was not used yet. */
export function faultsPer100({ uses }: HealthRecord): number | null {
  if (uses.length === 0) return null
  return Math.round((100 * uses.filter(({ fault }) => fault !== null).length) / uses.length)
}

/** How unsound a board is, in tenths of its runs. What differs by less is chance. */
export function unsoundness(faultsPer100: number | null): number {
  return Math.round((faultsPer100 ?? 0) / 10)
}

/** Whether a board is to be checked now: never since it was quarantined by the rule, or its last check is older than `everyMs`. */
export function isDue({ quarantine, lastCheck }: HealthRecord, ageMs: number, everyMs: number | undefined): boolean {
  const lastMs = lastCheck?.atMs ?? 0
  if (quarantine && quarantine.by === null && lastMs < quarantine.sinceMs) return true
  return everyMs !== undefined && ageMs >= everyMs
}

/** Whether the newest run of a board met a fault of it that nothing looked into since: neither a check nor a person. */
export function isInDoubt({ uses, quarantine, lastCheck, clearedMs }: HealthRecord): boolean {
  const last = uses.at(-1)
  if (quarantine || !last || last.fault === null) return false
  return last.atMs > Math.max(clearedMs, lastCheck?.atMs ?? 0)
}

/** What is known of boards that would do alike. */
export interface Candidate {
  readonly isQuarantined: boolean
  readonly isBusy: boolean
  /** How many wait for it. */
  readonly waiting: number
  readonly faultsPer100: number | null
}

/** Sorts boards of a type by who is to be had first: sound ones, free ones, those fewer wait for, those with fewer faults. Stable. */
export function byHealth(a: Candidate, b: Candidate): number {
  const rank = ({ isQuarantined, isBusy }: Candidate): number => (isQuarantined ? 2 : 0) + (isBusy ? 1 : 0)
  // Of those alike the first of the bench file stays the first.
  return rank(a) - rank(b) || a.waiting - b.waiting || unsoundness(a.faultsPer100) - unsoundness(b.faultsPer100)
}
