import { dot, plot, ruleY } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Trend } from './trends.ts'

/** From this on seconds are hard to read. */
const MINUTES_FROM_MS = 300_000

/**
 * One trend as an SVG picture, without any script: a dot for each run, a line for each release's median.
 *
 * Colours are those of the page's style, so that it is light or dark with it. Deterministic. Units: `to` is the line drawn full.
 */
export function trendChart({ points, now, before }: Trend, to: string, alt: string): string {
  const inMinutes = Math.max(...points.map(({ ms }) => ms)) >= MINUTES_FROM_MS
  const unitMs = inMinutes ? 60_000 : 1000
  const dots = points.map(({ at, ms, line }) => ({ at: new Date(at), y: ms / unitMs, isNow: line === to }))
  const medians = [
    { isNow: false, spread: before },
    { isNow: true, spread: now },
  ].flatMap(({ isNow, spread }) => {
    const times = dots.filter(point => point.isNow === isNow).map(({ at }) => at.getTime())
    if (!spread || times.length < 2) return []
    return { isNow, y: spread.medianMs / unitMs, x1: new Date(Math.min(...times)), x2: new Date(Math.max(...times)) }
  })
  const colour = ({ isNow }: { isNow: boolean }): string => (isNow ? 'var(--to)' : 'var(--from)')
  const figure = plot({
    document: parseHTML('<!doctype html><html></html>').document,
    className: 'trend',
    width: 460,
    height: 180,
    marginTop: 24,
    marginLeft: 36,
    marginRight: 12,
    marginBottom: 36,
    insetLeft: 12,
    insetRight: 12,
    style: { background: 'none', color: 'var(--soft)', fontSize: '11px', fontFamily: 'inherit' },
    x: { type: 'utc', label: null, ticks: 4, tickSize: 0 },
    y: {
      zero: true,
      nice: true,
      label: inMinutes ? 'minutes' : 'seconds',
      labelArrow: 'none',
      ticks: 4,
      tickSize: 0,
      grid: true,
    },
    marks: [
      ruleY([0], { stroke: 'var(--line)' }),
      ruleY(medians, { y: 'y', x1: 'x1', x2: 'x2', stroke: colour, strokeWidth: 1.5 }),
      dot(dots, {
        x: 'at',
        y: 'y',
        r: 3.5,
        stroke: colour,
        strokeWidth: 1.8,
        fill: point => (point.isNow ? 'var(--to)' : 'var(--ground)'),
      }),
    ],
  })
  // A picture has one text for all of it.
  for (const part of figure.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label')
  figure.setAttribute('role', 'img')
  figure.setAttribute('aria-label', alt)
  return figure.outerHTML
}
