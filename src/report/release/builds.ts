import type { Evidence } from '../../model/cell.ts'
import { lineOrder } from '../../model/line-order.ts'

/**
 * Whether evidence is of an older build than the newest that was tested of its line, on whatever board type.
 *
 * A release is one build for all. Limits: images of unknown commit are compared on their own board type only, since every
 * type has one of its own.
 */
export function isOlderBuild(found: Evidence, line: readonly Evidence[]): boolean {
  const comparable = line.filter(({ commit, type }) => commit !== null || type === found.type)
  return lineOrder(comparable).buildsAfter(found) > 0
}
