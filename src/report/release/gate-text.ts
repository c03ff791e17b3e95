import { humanTime } from '../words.ts'
import { blockersTogether, sayWhere, type JointBlocker } from './blockers.ts'
import { typeTitle } from './line.ts'
import type { ReleaseReport } from './release.ts'
import { gateSentence, sayEvidence } from './words.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'

/** The gate's answer for a terminal: what stands in the way, what is waived by whom, and which waivers do not count. */
export function gateText({ to, asOf, gate, labels, doubts }: ReleaseReport): string {
  const where = (blocker: JointBlocker): string => sayWhere(blocker, type => typeTitle(type, labels))
  const line = (blocker: JointBlocker): string => {
    const { kind, feature, why, evidence } = blocker
    const proof = evidence ? `\n      ${sayEvidence(evidence)}` : ''
    return `  ${kind.padEnd(9)} ${feature.id} on ${where(blocker)}: ${why}${proof}`
  }
  return [
    `${to} as of ${humanTime(asOf)}: ${gate.passes ? 'may go out' : 'may not go out'}`,
    gateSentence(gate),
    ...blockersTogether(gate.open).map(line),
    ...gate.waived.flatMap(({ blocker, waivers }) =>
      waivers.map(
        ({ approver, reason, expires }) =>
          `  waived    ${blocker.feature.id} on ${where(blocker)} by ${approver} until ${expires}: ${reason}`,
      ),
    ),
    ...gate.expired.map(waiver => `  expired   ${sayWaiver(waiver)}`),
    ...gate.unused.map(waiver => `  unused    ${sayWaiver(waiver)}`),
    ...doubts.map(text => `  doubt     ${text}`),
    '',
  ].join('\n')
}

function sayWaiver({ where, feature, scope, approver, expires }: PlacedWaiver): string {
  return `${where}: ${feature} on ${scope.join(', ')}, by ${approver}, until ${expires}`
}
