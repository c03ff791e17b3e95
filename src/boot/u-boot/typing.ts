import { Fault } from '../../base/fault.ts'
import type { ConsolePort } from '../../controls/console.ts'
import type { LoaderFacts } from '../../model/board-type.ts'

/** Typed at a time, and then seen echoed: what the smallest UART keeps while U-Boot looks elsewhere. */
const PIECE_CHARS = 16
const ECHO_LIMIT_MS = 1000
const MAX_ATTEMPTS = 3

/**
 * Types a line at U-Boot's prompt without ending it, and resolves once its echo proves that it arrived whole.
 *
 * Errors: `infrastructure/serial-corrupt` when it arrives damaged time and again, `infrastructure/console-silent` when
 * nothing is echoed at all.
 */
export async function typeProven(
  port: ConsolePort,
  line: string,
  { prompt }: Pick<LoaderFacts, 'prompt'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let damage = ''
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const echo = await typeOnce(port, line, signal)
    if (echo === line) return
    damage = echo || damage
    // Throws the line away and shows a fresh prompt, whatever stands there.
    const from = port.end()
    await port.write('\u0003')
    await seen(port, from, text => text.endsWith(`\n${prompt}`), signal)
  }
  const expected = `U-Boot to echo what is typed: ${JSON.stringify(line.slice(0, 60))}`
  if (damage === '')
    throw new Fault('infrastructure/console-silent', {
      expected,
      seen: 'no echo',
      next: 'check the wire from this host to the board (TX) and that nothing else holds its console',
    })
  throw new Fault('infrastructure/serial-corrupt', { expected, seen: JSON.stringify(damage.slice(0, 80)) })
}

/** What came back, or as much of it as fitted. */
async function typeOnce(port: ConsolePort, line: string, signal?: AbortSignal): Promise<string> {
  const from = port.end()
  for (let at = 0; at < line.length; at += PIECE_CHARS) {
    await port.write(line.slice(at, at + PIECE_CHARS))
    const typed = line.slice(0, at + PIECE_CHARS)
    const echo = await seen(port, from, text => text.length >= typed.length || !typed.startsWith(text), signal)
    if (echo !== typed) return echo
  }
  return line
}

/** What came since `from`: once it satisfies, or whatever there is after a while. */
async function seen(
  port: ConsolePort,
  from: number,
  enough: (text: string) => boolean,
  signal: AbortSignal | undefined,
): Promise<string> {
  const said = (): string => port.slice(from).toString('latin1')
  const until = port.clock.ticksMs() + ECHO_LIMIT_MS
  let at = from
  while (!enough(said())) {
    const late = new Error('nothing more')
    try {
      // Any byte: what came before has been looked at.
      const { to } = await port.expect(/[^]/, {
        from: at,
        limitMs: Math.max(0, until - port.clock.ticksMs()),
        ...(signal && { signal }),
        late: () => late,
      })
      at = Math.max(to, port.end())
    } catch (error) {
      if (error !== late) throw error
      break
    }
  }
  return said()
}

/** Text as the source of a regular expression that matches it. */
export function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
