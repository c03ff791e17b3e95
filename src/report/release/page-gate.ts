import type { PlacedWaiver } from '../../model/waiver.ts'
import { html, type Markup } from '../html-text.ts'
import { blockersTogether, sayWhere, type JointBlocker } from './blockers.ts'
import { typeTitle } from './line.ts'
import { pill, table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import { gateSentence, type Look, plain } from './words.ts'

const LOOKS: Record<JointBlocker['kind'], Look> = {
  broken: { tone: 'fail', mark: '✗', word: 'broken' },
  unproven: { tone: 'open', mark: '○', word: 'not proven' },
  stale: { tone: 'open', mark: '…', word: 'stale' },
}

/** The gate's answer, and who answers for what it lets pass. */
export function gateSection({ gate, labels }: ReleaseReport): Markup {
  const cells = (blocker: JointBlocker): Markup =>
    html`<th scope="row">${plain(blocker.feature.title)}</th><td>${sayWhere(blocker, type => typeTitle(type, labels))}</td><td>${pill(LOOKS[blocker.kind])}</td><td>${blocker.why}</td>`
  const head = ['Feature', 'Board types', 'Finding', 'Why']
  const open = blockersTogether(gate.open).map(blocker => html`<tr>${cells(blocker)}</tr>`)
  const waived = gate.waived.flatMap(({ blocker, waivers }) =>
    waivers.map(
      ({ approver, reason, expires }) =>
        html`<tr>${cells(blocker)}<td>${reason}<br><small>${approver}, until ${expires}</small></td></tr>`,
    ),
  )
  return html`<p class="verdict ${gate.passes ? 'pass' : 'fail'}">${gateSentence(gate)}</p>
${open.length > 0 && html`<h3>In the way</h3>${table('In the way', '', head, open)}`}
${waived.length > 0 && html`<h3>Waived</h3>${table('Waived', '', [...head, 'Waived because'], waived)}`}
${waiverList('Expired waivers, which do not count', gate.expired)}${waiverList('Waivers without use', gate.unused)}`
}

function waiverList(title: string, waivers: readonly PlacedWaiver[]): Markup {
  if (waivers.length === 0) return html``
  return html`<h3>${title}</h3><ul class="plain">${waivers.map(
    ({ feature, scope, approver, expires, where }) =>
      html`<li><b>${feature}</b> on ${scope.join(', ')}, by ${approver}, until ${expires} <small><code>${where}</code></small></li>`,
  )}</ul>`
}
