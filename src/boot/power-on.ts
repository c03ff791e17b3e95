import { Fault } from '../base/fault.ts'
import { readableLines } from '../base/text.ts'
import type { ConsolePort, Match } from '../controls/console.ts'
import type { PowerState } from '../controls/power.ts'
import type { BootFacts } from '../model/board-type.ts'

/** What the edge may do to the board. */
export interface PowerOnMeans {
  powerOn(): Promise<void>
  powerState(): Promise<PowerState>
  readonly signal: AbortSignal
}

/** Power-on → login prompt on the console. Errors, after the limit: by how far the board came, see `whyNoLogin`. */
export async function bootToLogin(
  port: ConsolePort,
  facts: BootFacts,
  limitMs: number,
  means: PowerOnMeans,
): Promise<Match> {
  const from = port.end()
  await means.powerOn()
  return port.expect(facts.login, {
    from,
    limitMs,
    signal: means.signal,
    late: async () => whyNoLogin(port.slice(from), facts, limitMs, await means.powerState()),
  })
}

/** Blames a boot that did not reach its login by the furthest thing it said. */
export function whyNoLogin(said: Buffer, facts: BootFacts, limitMs: number, power: PowerState): Fault {
  const text = said.toString('latin1')
  const evidence = readableLines(said)
    .filter(line => line.trim() !== '')
    .slice(-12)
  const expected = `a login prompt within ${Math.round(limitMs / 1000)} s of power-on`
  // Whatever it said before: a board without power says no more. One that switched itself off was told apart earlier.
  if (power === 'off') return new Fault('infrastructure/power', { expected, seen: 'a power that reads off', evidence })
  if (said.length === 0)
    return new Fault('infrastructure/console-silent', { expected, seen: 'not one byte on the console' })
  if (facts.kernel.test(text))
    return new Fault('product/no-login', { expected, seen: 'a kernel that started, and no login prompt', evidence })
  if (facts.firmware.test(text))
    return new Fault('product/no-boot', { expected, seen: 'firmware that ran, and no login prompt', evidence })
  return new Fault('infrastructure/console-silent', {
    expected,
    seen: 'bytes that look like neither firmware nor kernel nor login',
    next: 'check the baud rate and that this console belongs to this board',
    evidence,
  })
}
