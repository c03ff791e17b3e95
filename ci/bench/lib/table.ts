import type { Row, Target, Unit } from './row.ts'
import type { Summary } from './stats.ts'

const HEAD = ['FIGURE', 'MEDIAN', 'SPREAD', 'N', 'AGAINST', 'ITS MEDIAN', 'RATIO', 'TARGET', '']

/** Rows as aligned columns; below them, why some could not be measured. */
export function benchTable(rows: readonly Row[]): string {
  const cells = rows.filter(row => row.value !== null).map(cellsOf)
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...cells].map(row => row[column]!.length)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (NUMERIC.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd()
  const absent = rows.filter(row => row.value === null).map(row => `not measured: ${row.name}: ${row.why}`)
  return `${[...[HEAD, ...cells].map(line), ...absent].join('\n')}\n`
}

const NUMERIC = new Set([1, 2, 3, 5, 6])

function cellsOf({ name, unit, value, against, ratio, target, met }: Row): string[] {
  return [
    name,
    figure(value!.median, unit),
    spread(value!, unit),
    String(value!.count),
    against?.name ?? '',
    against ? figure(against.value.median, unit) : '',
    ratio === null ? '' : `${ratio.toFixed(2)} ×`,
    target ? targetText(target, unit) : '',
    met === null ? '' : met ? '✓' : '✗ missed',
  ]
}

/** A figure with the digits that mean something. */
export function figure(value: number, unit: Unit): string {
  // JSON knows no such numbers, and makes null of them.
  if (!Number.isFinite(value)) return 'no number'
  if (unit === 'share') return `${Number((value * 100).toFixed(value < 0.01 || value > 0.99 ? 2 : 0))} %`
  if (unit === 'answers') return String(value)
  if (unit === 's') return `${value.toFixed(1)} s`
  if (unit === 'bytes') return `${Math.round(value)} bytes`
  if (unit === 'ms' && value < 1) return `${value.toFixed(3)} ms`
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`
}

function spread({ min, max, count }: Summary, unit: Unit): string {
  return count === 1 ? '' : `${figure(min, unit)} – ${figure(max, unit)}`
}

function targetText(target: Target, unit: Unit): string {
  if ('atMost' in target) return `≤ ${figure(target.atMost, unit)}`
  if ('atLeast' in target) return `≥ ${figure(target.atLeast, unit)}`
  return 'ratioAtMost' in target ? `≤ ${target.ratioAtMost} ×` : `≥ ${target.ratioAtLeast} ×`
}
