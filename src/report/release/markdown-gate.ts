import type { Labels } from '../../model/labels.ts'
import type { PlacedWaiver } from '../../model/waiver.ts'
import { markdownTable } from '../columns.ts'
import { blockersTogether, sayWhere, type JointBlocker } from './blockers.ts'
import type { Gate } from './gate.ts'
import { typeTitle } from './line.ts'
import { asText } from './markdown-text.ts'
import { gateSentence } from './words.ts'

/** The gate's answer, what it is made of, and who answers for what it lets pass. */
export function gateLines(gate: Gate, labels: Labels): string {
  const { open, waived, expired, unused } = gate
  const where = (blocker: JointBlocker): string => asText(sayWhere(blocker, type => typeTitle(type, labels)))
  const cells = (blocker: JointBlocker): string[] => [
    blocker.feature.title,
    where(blocker),
    blocker.kind,
    asText(blocker.why),
  ]
  const head = ['Feature', 'Board types', 'Finding', 'Why']
  return [
    `${gateSentence(gate)}\n`,
    ...(open.length > 0 ? ['### In the way\n', markdownTable(head, blockersTogether(open).map(cells))] : []),
    ...(waived.length > 0
      ? [
          '### Waived\n',
          markdownTable(
            [...head, 'Approved by', 'Reason', 'Until'],
            waived.flatMap(({ blocker, waivers }) =>
              waivers.map(({ approver, reason, expires }) => [
                ...cells(blocker),
                asText(approver),
                asText(reason),
                expires,
              ]),
            ),
          ),
        ]
      : []),
    ...waiverList('Expired, and so not counted', expired),
    ...waiverList('Without use', unused),
  ].join('\n')
}

function waiverList(title: string, waivers: readonly PlacedWaiver[]): string[] {
  if (waivers.length === 0) return []
  const lines = waivers.map(
    ({ feature, scope, approver, expires, where }) =>
      `* ${asText(where)}: ${asText(feature)} on ${asText(scope.join(', '))}, by ${asText(approver)}, until ${expires}\n`,
  )
  return [`### ${title}\n`, lines.join('')]
}
