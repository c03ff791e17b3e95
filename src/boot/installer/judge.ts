import { Fault } from '../../base/fault.ts'
import type { InstallOrder } from '../../model/bench-file.ts'
import { KNOWN_FAILURES } from './failures.ts'

/**
 * What an installer that has ended said of it: nothing is believed but its last words. `exitCode` is read from
 * `{hil-install:n}` where a console said it. Errors: as `driveInstaller`.
 */
export function judgeInstall(lines: readonly string[], { encrypt }: InstallOrder, exitCode = codeIn(lines)): void {
  const text = lines.join('\n')
  const done = /Installation done\./.test(text) && (!encrypt || /Deferred encryption setup complete\./.test(text))
  if (done && exitCode === 0) return
  const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(text))
  throw new Fault(known?.code ?? 'product/installer', {
    expected: `ghaf-installer to say 'Installation done'${encrypt ? ', encryption set up' : ''}`,
    seen: known?.seen ?? `exit code ${exitCode}${done ? ' behind that' : ' without that'}`,
    ...(known && { next: known.next }),
    evidence: lastLines(lines),
  })
}

/** The lines to quote. */
export function lastLines(lines: readonly string[]): string[] {
  return lines.filter(line => line.trim() !== '').slice(-15)
}

function codeIn(lines: readonly string[]): number {
  // An installer that restarts the board says no more.
  return Number(/\{hil-install:(\d+)\}/.exec(lines.join('\n'))?.[1] ?? 0)
}
