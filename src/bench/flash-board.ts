import { asFault, Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Random } from '../base/random.ts'
import { within, type Clock } from '../base/time.ts'
import type { Flasher, FlashJob } from '../controls/flasher.ts'
import type { Media, Medium } from '../controls/media.ts'
import type { FlashProof } from '../model/event.ts'
import type { Board } from './load.ts'
import { openControl } from './open-control.ts'
import { newFlash, stampMedium } from './stamp.ts'

/** What flashing a board takes. */
export interface FlashMeans {
  readonly media: Media
  readonly flasher: Flasher
  powerOff(): Promise<unknown>
  /** Something worth knowing: that an attempt failed and another one is made. */
  note(text: string): void
  /** For each attempt to hand the medium back. Default: three minutes. */
  readonly handBackLimitMs?: number
  readonly clock?: Clock
  readonly random?: Random
}

/** Opens the two controls that flashing takes. Errors: `configuration/bench-file` where one is not wired. */
export async function openForFlash(
  board: Board,
  options: Parameters<typeof openControl>[2],
): Promise<Pick<FlashMeans, 'media' | 'flasher'>> {
  if (!board.wired.media || !board.wired.flasher)
    throw new Fault('configuration/bench-file', {
      expected: `${board.name} to have media and flasher`,
      seen: 'at least one of them is not wired',
      next: 'wire them in the bench file, or run with --no-flash',
    })
  const media = await openControl(board, 'media', options)
  return { media, flasher: await openControl(board, 'flasher', options) }
}

export type BoardFlashJob = Omit<FlashJob, 'target' | 'note'>

/**
 * Takes the boot medium from a board that is off, has it flashed, stamps it, and hands it back.
 *
 * A medium that does not come and a recovery mode that was missed are tried again: hubs were seen to need it. A medium
 * that fails is not; of one that does not go only the handing back is. Errors: those of the controls; after the last
 * attempt.
 */
export async function flashBoard(means: FlashMeans, job: BoardFlashJob): Promise<FlashProof> {
  const proof = await flashInAttempts(means, job)
  await handBack(means).catch(async (error: unknown) => {
    if (job.signal.aborted || !(error instanceof Fault)) throw error
    means.note(`handing the medium back is tried again: saw ${error.seen}`)
    await handBack(means)
  })
  return proof
}

const ATTEMPTS = 3
const RETRIED = new Set<FaultCode>(['infrastructure/media', 'infrastructure/recovery'])
const HAND_BACK_LIMIT_MS = 180_000

/** Leaves the medium with this host once it is flashed. */
async function flashInAttempts(means: FlashMeans, job: BoardFlashJob): Promise<FlashProof> {
  for (let attempt = 1; ; attempt++)
    try {
      return await flashOnce(means, job)
    } catch (error) {
      const fault = asFault(error)
      if (job.signal.aborted || attempt === ATTEMPTS || !RETRIED.has(fault.code)) throw error
      means.note(`flashing is tried again, ${attempt + 1} of ${ATTEMPTS}: saw ${fault.seen}`)
    }
}

async function flashOnce(means: FlashMeans, job: BoardFlashJob): Promise<FlashProof> {
  await means.powerOff()
  try {
    const target = await means.media.toHost(job.signal)
    const proof = await means.flasher.flash({ ...job, target, note: text => means.note(text) })
    return proof.dryRun || proof.mode === 'verify'
      ? proof
      : { ...proof, medium: await recognisable(target, proof, means.random) }
  } catch (error) {
    // What went wrong first is what matters; that the medium is still here only adds to it.
    await handBack(means).catch((left: unknown) =>
      means.note(`the boot medium was not handed back: ${asFault(left).seen}`),
    )
    throw error
  }
}

/** Whatever comes of it, an interrupt included: a medium that stays with this host is a board that does not boot. */
function handBack({ media, handBackLimitMs: limitMs = HAND_BACK_LIMIT_MS, clock }: FlashMeans): Promise<void> {
  return within(
    limitMs,
    () => stays(limitMs),
    signal => media.toBoard(signal),
    undefined,
    clock,
  )
}

function stays(limitMs: number): Fault {
  return new Fault('infrastructure/media', {
    expected: `the boot medium to be handed back in ${limitMs / 1000} s`,
    seen: 'no end of it',
  })
}

/** A board in recovery mode was written inside, where this host cannot look. */
async function recognisable(target: Medium, proof: FlashProof, random?: Random): ReturnType<typeof stampMedium> {
  return target.kind === 'recovery' ? newFlash('inside', random) : stampMedium(target, proof, random)
}
