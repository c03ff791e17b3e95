import { FAULT_CODES, type FaultClass, type FaultCode } from './fault-codes.ts'

/** What a fault says: what was expected, what was seen instead, what to do next. */
export interface FaultReport {
  readonly expected: string
  readonly seen: string
  /** Replaces the code's usual next step. */
  readonly next?: string
  /** Lines that prove it: console lines, complaints with file:line. At most 50 are kept. */
  readonly evidence?: readonly string[]
  readonly cause?: unknown
}

/** The plain form in which a fault travels: JSON over the socket, into the run log, into a test's message. */
export interface FaultRecord {
  readonly code: FaultCode
  readonly expected: string
  readonly seen: string
  readonly next: string
  readonly evidence: readonly string[]
}

const MAX_EVIDENCE_LINES = 50

/** The one error class of `hil`: a coded fault that survives every boundary it crosses. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly expected: string
  readonly seen: string
  readonly next: string
  readonly evidence: readonly string[]

  constructor(code: FaultCode, report: FaultReport) {
    const evidence = (report.evidence ?? []).slice(0, MAX_EVIDENCE_LINES)
    const next = report.next ?? FAULT_CODES[code]
    const quoted = evidence.map(line => `\n    ${line}`).join('')
    super(`${code}: expected ${report.expected}; saw ${report.seen}${quoted}\n  next: ${next}`, { cause: report.cause })
    this.name = 'Fault'
    this.code = code
    this.expected = report.expected
    this.seen = report.seen
    this.next = next
    this.evidence = evidence
  }

  get class(): FaultClass {
    return classOf(this.code)
  }

  record(): FaultRecord {
    const { code, expected, seen, next, evidence } = this
    return { code, expected, seen, next, evidence }
  }

  static from(record: FaultRecord): Fault {
    return new Fault(record.code, record)
  }
}

/** The class in front of a code's slash. */
export function classOf(code: FaultCode): FaultClass {
  return code.slice(0, code.indexOf('/')) as FaultClass
}

/** Anything thrown, as a fault: ours unchanged, an abort as `cancelled`, everything else as `internal/bug`. */
export function asFault(thrown: unknown, code: FaultCode = 'internal/bug'): Fault {
  if (thrown instanceof Fault) return thrown
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error.cause instanceof Fault) return error.cause
  if (error.name === 'AbortError')
    return new Fault('cancelled/interrupt', { expected: 'to finish', seen: 'an interrupt' })
  return new Fault(code, { expected: 'no error', seen: error.message, cause: error, evidence: stackLines(error) })
}

/** The code at the head of an error text that crossed a boundary as plain text, if it is one of ours. */
export function codeIn(message: string): FaultCode | undefined {
  const code = /(?:^|\s)([a-z]+\/[a-z-]+): expected /.exec(message)?.[1]
  return code !== undefined && code in FAULT_CODES ? (code as FaultCode) : undefined
}

function stackLines(error: Error): string[] {
  return (error.stack ?? '')
    .split('\n')
    .slice(1, 6)
    .map(line => line.trim())
}
