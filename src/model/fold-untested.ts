import type { PlannedBoard, TestResult } from './event.ts'
import type { Feature } from './feature.ts'

/** The required checks of a feature that a run did not make: for want of equipment, of an image, or because of `--grep`. */
export function untestedOf(
  feature: Feature | undefined,
  tests: readonly TestResult[],
  { variants = feature?.variants ?? [] }: PlannedBoard,
  grep: string | undefined,
): string[] {
  const images = feature?.variants.filter(variant => !variants.includes(variant)) ?? []
  return [
    ...tests.filter(({ untested }) => untested).map(({ title, reason }) => `${title} (${reason ?? 'no reason given'})`),
    ...images.map(variant => `its checks of a ${variant} image`),
    ...(grep === undefined ? [] : [`all that --grep ${JSON.stringify(grep)} left out`]),
  ]
}
