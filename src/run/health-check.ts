import type { Lease } from '../agent/agent.ts'
import { asFault } from '../base/fault.ts'
import { goldenFor } from '../bench/golden.ts'
import type { Board } from '../bench/load.ts'
import type { Check } from '../model/health.ts'
import type { Image } from '../model/image.ts'
import { lastFlash } from './last-flash.ts'
import { provision, type ProvisionMeans } from './provision.ts'

const SSH_ANSWER_MS = 30_000

/** What a health check boots, and how that is said. */
export interface KnownGood {
  /** Null: what is on the medium. */
  readonly image: Image | null
  readonly says: string
}

/** A board's golden image, where one is set. */
export function knownGood(board: Board): KnownGood {
  const golden = goldenFor(board)
  if (!golden) return lastOn(board)
  return { image: golden.image, says: `its golden image ${golden.image.name ?? golden.image.sha256.slice(0, 12)}` }
}

/** What is on a board's medium, for want of a golden image: it says less, since the image may be what is broken. */
function lastOn(board: Board): KnownGood {
  const image = lastFlash(board.stateDir)?.image
  const what = image ? `${image.name ?? 'the image'} that was flashed last` : 'what is on its medium'
  return { image: null, says: `${what}, since no golden image is set` }
}

/**
 * Checks a leased board: its power goes off and on, its console speaks, an image boots up to a shell, SSH answers where it is
 * wired. Never throws, but for the signal's reason.
 */
export async function checkHealth(lease: Lease, { image, says }: KnownGood, means: ProvisionMeans): Promise<Check> {
  const { live, board } = lease
  const { clock, signal } = means
  const startedMs = clock.ticksMs()
  const done = (more: Pick<Check, 'ok' | 'fault' | 'seen'>): Check => ({
    ...{ atMs: clock.nowMs(), durationMs: clock.ticksMs() - startedMs, image: says },
    ...more,
  })
  try {
    await provision(lease, image, 'debug', means)
    if (board.wired.shell) await live.run({ by: 'ssh' }, ['true'], { limitMs: SSH_ANSWER_MS, signal })
    const trouble = await live.trouble()
    if (trouble) throw trouble
    return done({ ok: true })
  } catch (error) {
    signal.throwIfAborted()
    const { code, seen } = asFault(error)
    return done({ ok: false, fault: code, seen })
  }
}
