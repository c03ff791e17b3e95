import { asFault, Fault } from '../base/fault.ts'
import type { Image } from '../model/image.ts'
import { inspectImage } from './image-file.ts'
import type { PlannedRun } from './plan.ts'

/** The images of a plan by path, each looked at once. Errors: `configuration/image`, all complaints at once. */
export async function inspectImages(runs: readonly PlannedRun[], signal: AbortSignal): Promise<Map<string, Image>> {
  const inspections = new Map<string, Promise<Image>>()
  for (const { imagePath, variant } of runs.flatMap(run => run.phases))
    if (imagePath !== null && !inspections.has(imagePath))
      inspections.set(imagePath, inspectImage(imagePath, variant, signal))
  const results = await Promise.allSettled(inspections.values())
  const faults = results.flatMap(result => (result.status === 'rejected' ? [asFault(result.reason)] : []))
  if (faults.length === 1) throw faults[0]
  if (faults.length > 1)
    throw new Fault(faults[0]!.code, {
      expected: 'good images',
      seen: `${faults.length} that are not`,
      evidence: faults.map(fault => fault.message),
    })
  const images = results.flatMap(result =>
    result.status === 'fulfilled' ? [[result.value.path, result.value] as const] : [],
  )
  return new Map(images)
}
