import { Fault } from '../base/fault.ts'
import { readableLines } from '../base/text.ts'
import type { ConsolePort, Match } from '../controls/console.ts'
import type { PowerState } from '../controls/power.ts'
import type { BootFacts } from '../model/board-type.ts'
import { OwnTime, type Starved } from './own-time.ts'
import { StillTalking } from './still-talking.ts'

/** What the edge may do to the board. */
export interface PowerOnMeans {
  powerOn(): Promise<void>
  powerState(): Promise<PowerState>
  readonly starvedMs?: Starved
  /** Where the limit was learned: the one it is without that, for a board that still talks. */
  readonly wholeLimitMs?: number | undefined
  readonly signal: AbortSignal
}

/**
 * Power-on → login prompt on the console. Errors: by how far the board came, after the limit (see `whyNoLogin`) or as soon
 * as its firmware or boot loader waits for a person.
 */
export async function bootToLogin(
  port: ConsolePort,
  facts: BootFacts,
  limitMs: number,
  means: PowerOnMeans,
): Promise<Match> {
  const from = port.end()
  await means.powerOn()
  return toLogin(port, facts, from, limitMs, means)
}

/** The login prompt of a board that was told to boot when the console stood at `from`. Errors: as for `bootToLogin`. */
export async function toLogin(
  port: ConsolePort,
  facts: BootFacts,
  from: number,
  limitMs: number,
  means: Pick<PowerOnMeans, 'powerState' | 'starvedMs' | 'wholeLimitMs' | 'signal'>,
): Promise<Match> {
  const time = new OwnTime(limitMs, means.starvedMs)
  const talking = new StillTalking(limitMs, means.wholeLimitMs, () => port.end())
  const startMs = port.clock.ticksMs()
  const ends = facts.stopped ? new RegExp(`${facts.login.source}|(${facts.stopped.source})`) : facts.login
  const waiting = port.expect(ends, {
    from,
    limitMs,
    signal: means.signal,
    moreMs: async () => time.moreMs() || talking.moreMs(),
    late: async () => {
      const power = await means.powerState()
      if (time.starvedMs !== undefined && power !== 'off') return hostBusy(limitMs, time.starvedMs, port.slice(from))
      return (
        neverOff(port.slice(from), port.clock.ticksMs() - startMs) ??
        whyNoLogin(port.slice(from), facts, limitMs, power)
      )
    },
  })
  const match = await waiting.catch(
    async (error: unknown) => (await knocked(port, facts, means, error)) ?? Promise.reject(error as Error),
  )
  if (facts.stopped && match.groups.at(-1) !== undefined) throw whyStopped(port.slice(from, match.to))
  return match
}

/** A kernel that runs and has shown no prompt may have shown one that was damaged on its way: whoever knocks sees another. */
async function knocked(
  port: ConsolePort,
  facts: BootFacts,
  { signal }: Pick<PowerOnMeans, 'signal'>,
  error: unknown,
): Promise<Match | undefined> {
  if (!(error instanceof Fault) || error.code !== 'product/no-login') return undefined
  const silence = new Error('silence')
  for (let times = 0; times < MAX_KNOCKS; times++) {
    const from = port.end()
    try {
      await port.write('\n')
      return await port.expect(facts.login, { from, limitMs: KNOCK_LIMIT_MS, signal, late: () => silence })
    } catch (thrown) {
      if (thrown !== silence) throw thrown
    }
  }
  return undefined
}

const MAX_KNOCKS = 3
const KNOCK_LIMIT_MS = 2000

/** Blames a boot that ended at a prompt of firmware or boot loader. */
export function whyStopped(said: Buffer): Fault {
  const expected = 'a boot up to the login prompt'
  const evidence = lastLines(said)
  // Nothing between the countdown and the prompt: it was stopped by a key, and nobody of ours pressed one.
  if (/stop autoboot[^\r\n]{0,200}[\r\n]{1,8}\S{0,20}> $/.test(said.subarray(-400).toString('latin1')))
    return new Fault('infrastructure/serial-corrupt', {
      expected,
      seen: 'a countdown that a byte on the line stopped, although nothing was typed',
      next: 'check the wire from this host to the board (TX) and its ground: a floating line makes bytes',
      evidence,
    })
  return new Fault('product/no-boot', {
    expected,
    seen: 'firmware or boot loader at its own prompt: it found nothing it could boot',
    next: 'read the console: if the boot medium is not even named there, check that it is switched to the board',
    evidence,
  })
}

/** A kernel that has run for longer than the board has had its power was never without: it was not restarted. */
export function neverOff(said: Buffer, sinceOnMs: number): Fault | undefined {
  const times = said.toString('latin1').matchAll(/(?:^|\n)\[ {0,5}(\d{1,7})\.\d{6}\]/g)
  const oldestS = Math.max(0, ...Array.from(times, ([, seconds]) => Number(seconds)))
  if (oldestS * 1000 <= sinceOnMs + CLOCK_TOLERANCE_MS) return undefined
  return new Fault('infrastructure/power', {
    expected: 'a board that starts anew when its power is switched off and on',
    seen: `a kernel that has run for ${oldestS} s, ${Math.round(sinceOnMs / 1000)} s after power-on: the board never went off`,
    next: 'check that power.off of this board really takes its power away: a relay that sticks, or a second supply?',
    evidence: lastLines(said),
  })
}

/** How much faster a board's clock may run than this host's; suspended, it only falls behind. */
const CLOCK_TOLERANCE_MS = 3000

function hostBusy(limitMs: number, starvedMs: number, said: Buffer): Fault {
  return new Fault('infrastructure/host-busy', {
    expected: `a login prompt within ${Math.round(limitMs / 1000)} s of processor time`,
    seen: `a virtual board that waited ${Math.round(starvedMs / 1000)} s for a processor of this host`,
    evidence: lastLines(said),
  })
}

/** Blames a boot that did not reach its login by the furthest thing it said. */
export function whyNoLogin(said: Buffer, facts: BootFacts, limitMs: number, power: PowerState): Fault {
  const text = said.toString('latin1')
  const evidence = lastLines(said)
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

function lastLines(said: Buffer): string[] {
  return readableLines(said)
    .filter(line => line.trim() !== '')
    .slice(-12)
}
