import { humanDuration } from '../../base/text.ts'
import { html, Markup } from '../html-text.ts'
import { trendChart } from './chart.ts'
import { typeTitle } from './line.ts'
import { table } from './page-parts.ts'
import type { ReleaseReport } from './release.ts'
import type { Spread, Trend } from './trends.ts'
import { day } from './words.ts'

const KINDS: Record<Trend['kind'], { title: string; means: string }> = {
  boot: {
    title: 'Boot',
    means: 'From power-on until somebody can log in and the system was proven to be the one flashed.',
  },
  flash: {
    title: 'Flash',
    means: 'Writing a whole image and reading it back. Flashes that wrote only what differed are left out.',
  },
}

/** How long boots and flashes took, as charts and in numbers. */
export function timeSection(report: ReleaseReport): Markup {
  if (report.trends.length === 0) return html`<p>No run log with times is at hand.</p>`
  const { to, from } = report
  const kinds = (['boot', 'flash'] as const).filter(kind => report.trends.some(trend => trend.kind === kind))
  return html`<p class="key" aria-hidden="true"><span class="to"><i></i>${to}</span>${
    from !== undefined && html`<span class="from"><i></i>${from}</span>`
  }<span class="quiet">a dot is one run, a line the median</span></p>
${kinds.map(kind => kindPart(kind, report))}`
}

function kindPart(kind: Trend['kind'], report: ReleaseReport): Markup {
  const { to, from, trends } = report
  const own = trends.filter(trend => trend.kind === kind)
  const name = ({ type, twin }: Trend): string => typeTitle(type, report.labels) + (twin ? ' (virtual)' : '')
  const head = ['Board type', to, ...(from === undefined ? [] : [from, 'Change'])]
  const rows = own.map(
    trend =>
      html`<tr><th scope="row">${name(trend)}</th>${spread(trend.now)}${from !== undefined && html`${spread(trend.before)}<td>${change(trend)}</td>`}</tr>`,
  )
  return html`<h3>${KINDS[kind].title}</h3><p class="explain">${KINDS[kind].means}</p>
<div class="charts">${own.map(
    trend =>
      html`<figure><figcaption><b>${name(trend)}</b><span>${say(trend, report)}</span></figcaption>${new Markup(
        trendChart(trend, to, `${KINDS[kind].title} times of ${name(trend)}. ${spoken(trend, report)}`),
      )}</figure>`,
  )}</div>
${table(`${KINDS[kind].title} times in numbers`, '', head, rows)}`
}

function spread(found: Spread | undefined): Markup {
  if (!found) return html`<td class="quiet">not measured</td>`
  const { medianMs, leastMs, mostMs, n } = found
  if (n === 1) return html`<td>${humanDuration(medianMs)} <small>once</small></td>`
  return html`<td>${humanDuration(medianMs)} <small>median of ${n}, ${humanDuration(leastMs)} to ${humanDuration(mostMs)}</small></td>`
}

/** In percent of before. Limits: of fewer than three runs on either side it is chance. */
function change({ now, before }: Trend): string {
  if (!now || !before || now.n < 3 || before.n < 3) return '—'
  const percent = Math.round((100 * now.medianMs) / before.medianMs - 100)
  return percent > 0 ? `+${percent} %` : `${String(percent).replace('-', '−')} %`
}

function say({ now, before }: Trend, { from }: ReleaseReport): string {
  const said = now ? `median ${humanDuration(now.medianMs)}` : 'not measured'
  return before ? `${said}; in ${from} ${humanDuration(before.medianMs)}` : said
}

/** What a chart shows, for whoever does not see it. */
function spoken(trend: Trend, report: ReleaseReport): string {
  const { points } = trend
  const times = `${points.length} runs from ${day(points[0]!.at)} to ${day(points.at(-1)!.at)}`
  return `${times}; ${say(trend, report)}.`
}
