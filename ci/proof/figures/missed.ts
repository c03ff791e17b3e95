import type { Row } from '../../bench/lib/row.ts'
import { figure } from '../../bench/lib/table.ts'

/** How many targets were met, in a line, and which were not: missed, or with nothing measured to hold against them. */
export function missedIn(rows: readonly Row[]): { readonly line: string; readonly failures: readonly string[] } {
  const wanted = rows.filter(({ target }) => target !== null)
  const failures =
    wanted.length === 0
      ? ['no figure has a target: nothing could fail']
      : wanted.filter(({ met }) => met !== true).map(told)
  const met = wanted.filter(({ met }) => met === true).length
  return { line: [`${met} of ${wanted.length} targets met`, ...failures].join('; '), failures }
}

function told({ name, value, unit, why }: Row): string {
  return value === null ? `${name}: not measured: ${why}` : `${name}: ${figure(value.median, unit)}`
}
