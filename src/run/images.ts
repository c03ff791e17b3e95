import { basename } from 'node:path'
import { asFault, Fault } from '../base/fault.ts'
import type { Clock } from '../base/time.ts'
import type { Board } from '../bench/load.ts'
import { ImageCache } from '../image/cache.ts'
import { obtainImage, type ObtainOptions } from '../image/obtain.ts'
import { partsFault } from '../image/parts.ts'
import { loadTrustedKeys } from '../image/trust.ts'
import type { Image } from '../model/image.ts'
import type { TrustedKeySpec } from '../model/trust.ts'
import type { PlannedRun } from './plan.ts'

/** The usual means of getting at images: this user's cache, and the keys of a bench and of the command line. */
export function imageMeans(
  trust: readonly TrustedKeySpec[],
  options: { clock: Clock; signal: AbortSignal } & Pick<ObtainOptions, 'progress' | 'note'>,
): ObtainOptions {
  return { ...options, keys: loadTrustedKeys(trust), cache: new ImageCache({ nowMs: () => options.clock.nowMs() }) }
}

/**
 * The images of a plan by what names them there, each fetched and looked at once.
 *
 * Errors: of fetching and inspecting, all complaints at once; `configuration/image` for an image in parts on a board
 * whose flasher takes none.
 */
export async function obtainImages(runs: readonly PlannedRun[], options: ObtainOptions): Promise<Map<string, Image>> {
  const wanted = new Map<string, Promise<Image>>()
  for (const { imagePath, variant } of runs.flatMap(run => run.phases))
    if (imagePath !== null && !wanted.has(imagePath))
      wanted.set(
        imagePath,
        obtainImage(imagePath, variant, options).then(({ image }) => image),
      )
  const results = await Promise.allSettled(wanted.values())
  const faults = results.flatMap(result => (result.status === 'rejected' ? [asFault(result.reason)] : []))
  const names = [...wanted.keys()]
  const images = new Map(
    results.flatMap((result, index) => (result.status === 'fulfilled' ? [[names[index]!, result.value] as const] : [])),
  )
  for (const { board, phases } of runs)
    for (const { imagePath } of phases) {
      const image = images.get(imagePath ?? '')
      const fault = image && misfit(board, image)
      if (fault) faults.push(fault)
    }
  if (faults.length === 1) throw faults[0]
  if (faults.length > 1)
    throw new Fault(faults[0]!.code, {
      expected: 'good images',
      seen: `${faults.length} that are not`,
      evidence: faults.map(fault => fault.message),
    })
  return images
}

/** Why a board's flasher cannot take an image; undefined when it can. */
export function misfit(board: Board, image: Image): Fault | undefined {
  const { flasher } = board.wired
  return flasher?.driver.takesParts
    ? undefined
    : partsFault(image, `${board.name} (flasher/${flasher?.name ?? 'none'})`)
}

/** What is worth telling of images: where they say they come from, and what was odd. */
export function originNotes(images: Iterable<Image>): string[] {
  return [...images].flatMap(({ path, source, origin, notes = [] }) => {
    const told = origin && (origin.signature !== 'none' || origin.provenance !== undefined) ? [origin.why] : []
    return [...told, ...notes].map(text => `image ${basename(source ?? path)}: ${text}`)
  })
}
