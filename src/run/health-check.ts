import type { Lease } from '../agent/agent.ts'
import { asFault, classOf, type Fault } from '../base/fault.ts'
import { goldenFor } from '../bench/golden.ts'
import type { Board } from '../bench/load.ts'
import { isDoubtful } from '../model/diagnosis.ts'
import type { Check } from '../model/health.ts'
import type { Image } from '../model/image.ts'
import { bootRecord } from './boot-record.ts'
import { lastFlash } from './last-flash.ts'
import { provision, type ProvisionMeans } from './provision.ts'

const SSH_ANSWER_MS = 30_000

/** What a health check boots, and how that is said. */
export interface KnownGood {
  /** Null: what is on the medium. */
  readonly image: Image | null
  readonly says: string
  /** When the golden image last booted on this board; null: nobody saw that, or it is none. */
  readonly bootedAt: string | null
}

/** A board's golden image, where one is set. */
export function knownGood(board: Pick<Board, 'name' | 'type' | 'stateDir'>): KnownGood {
  const golden = goldenFor(board)
  if (!golden) return lastOn(board)
  const { name, sha256 } = golden.image
  return {
    image: golden.image,
    says: `its golden image ${name ?? sha256.slice(0, 12)}`,
    bootedAt: bootRecord(board.stateDir).boots[sha256]?.at ?? null,
  }
}

/** What is on a board's medium, for want of a golden image: it says less, since the image may be what is broken. */
function lastOn(board: Pick<Board, 'stateDir'>): KnownGood {
  const image = lastFlash(board.stateDir)?.image
  const what = image ? `${image.name ?? 'the image'} that was flashed last` : 'what is on its medium'
  return { image: null, says: `${what}, since no golden image is set`, bootedAt: null }
}

/**
 * Checks a leased board: its power goes off and on, its console speaks, an image boots up to a shell, SSH answers where it is
 * wired. Never throws, but for the signal's reason.
 */
export async function checkHealth(lease: Lease, good: KnownGood, means: ProvisionMeans): Promise<Check> {
  const { image, says } = good
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
    return done({ ok: false, ...blamed(asFault(error), good) })
  }
}

/** Whose a fault of a check is: what may be anybody's is the board's where it booted that very image before. */
export function blamed({ code, seen }: Fault, { bootedAt }: KnownGood): Required<Pick<Check, 'fault' | 'seen'>> {
  if (bootedAt === null || classOf(code) !== 'product' || !isDoubtful({ code })) return { fault: code, seen }
  const why = `its golden image, which booted on this board at ${bootedAt}, does not any more`
  return { fault: 'infrastructure/board-suspect', seen: `${why}: ${code}, ${seen}` }
}
