import type { FaultRecord } from '../base/fault.ts'
import { codeIn } from '../base/fault.ts'
import { FAULT_CODES } from '../base/fault-codes.ts'
import { stripAnsi } from '../base/text.ts'

/**
 * The fault in an error text that crossed a boundary as plain text, if it is one of ours.
 *
 * Shape: what `Fault` makes its message of; a text cut short still gives the code and what is left of the rest.
 */
export function faultIn(message: string): FaultRecord | undefined {
  const text = stripAnsi(message)
  const code = codeIn(text)
  if (!code) return undefined
  const body = text.slice(text.indexOf(`${code}: expected `) + `${code}: expected `.length)
  const [head = '', ...rest] = body.split('\n')
  const [expected = '', ...seen] = head.split('; saw ')
  const nextAt = rest.findIndex(line => line.startsWith('  next: '))
  const quoted = nextAt < 0 ? rest : rest.slice(0, nextAt)
  return {
    code,
    expected,
    seen: seen.join('; saw '),
    next: nextAt < 0 ? FAULT_CODES[code] : (rest[nextAt] ?? '').slice('  next: '.length),
    evidence: quoted.filter(line => line.startsWith('    ')).map(line => line.slice(4)),
  }
}

/** An error text as one readable paragraph: no colours, no stack. Limits: 12 lines. */
export function plainMessage(message: string): string {
  const lines = stripAnsi(message).split('\n')
  const stack = lines.findIndex(line => /^\s+at .+(?::\d+:\d+\)?|\))$/.test(line))
  const kept = (stack < 0 ? lines : lines.slice(0, stack)).map(line => line.trimEnd()).filter(Boolean)
  return kept.slice(0, 12).join('\n')
}
