import { humanSize } from '../../base/text.ts'
import type { Dropped, Mark } from '../../bench/recording/reader.ts'

/** A mark in a recording, in words. */
export function describeMark(mark: Mark): string {
  if (mark.gap !== undefined) return `gap: ${mark.gap}`
  if (mark.power !== undefined) return `power ${mark.power}`
  if (mark.epoch !== undefined) return `recording goes on (lease ${mark.epoch})`
  return mark.opened === undefined ? 'recording ends' : `recording begins (lease ${mark.opened})`
}

export function describeDropped({ offset }: Dropped): string {
  return `older output, ${humanSize(offset)} of it, is no longer kept`
}
