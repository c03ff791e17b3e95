import { html, type Markup } from '../html-text.ts'
import { short } from '../words.ts'
import { typeTitle } from './line.ts'
import { table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import { day } from './words.ts'

/** The images that were tested, by their whole digests: whoever has a file can check that it is one of them. */
export function imageTable({ images, labels, to }: ReleaseReport): Markup {
  const rows = images.map(
    ({ name, variant, version, commit, types, firstAt, lastAt, superseded, sha256 }) =>
      html`<tr><th scope="row">${name ?? 'name unknown'}<small>${variant}${
        version !== undefined && `, ${version}`
      }</small>${superseded.length > 0 && html` <span class="tag">older build</span>`}</th><td>${types
        .map(type => typeTitle(type, labels))
        .join(
          ', ',
        )}</td><td class="nowrap">${day(firstAt) === day(lastAt) ? day(lastAt) : html`${day(firstAt)}<br>to ${day(lastAt)}`}</td><td><code>${
        commit ?? 'unknown'
      }</code></td><td><code>${sha256}</code></td></tr>`,
  )
  return html`<p class="explain">Files proven by signed provenance to be built from ${to}. Nothing found with any other image is in this report.</p>
${table('Images', '', ['Image', 'Board types', 'Tested', 'Commit', 'SHA-256'], rows)}`
}

/** The boards that were used. */
export function boardTable({ boards, labels }: ReleaseReport): Markup {
  const rows = boards.map(
    ({ board, type, twin, firmware, version, bench, images, lastRun, lastAt }) =>
      html`<tr><th scope="row">${board}<small>${
        twin ? 'virtual' : 'hardware'
      }${bench !== undefined && `, bench ${bench}`}</small></th><td>${typeTitle(type, labels)}</td><td>${
        firmware ?? html`<span class="quiet">not recorded</span>`
      }</td><td>${version ?? html`<span class="quiet">not recorded</span>`}</td><td>${images.map(
        (sha256, index) => html`${index > 0 && ', '}<code>${short(sha256)}</code>`,
      )}</td><td><code>${lastRun}</code><br><span class="nowrap">${day(lastAt)}</span></td></tr>`,
  )
  return table('Boards', '', ['Board', 'Board type', 'Firmware', 'Last ran version', 'Images tested', 'Last run'], rows)
}
