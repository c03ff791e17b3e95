import type { Feature } from '../../model/feature.ts'
import type { TableRow } from './tables.ts'

/** A row and the feature it is about; nothing where there is none, several where its name and devices fit several. */
export interface Match {
  readonly row: TableRow
  readonly features: readonly Feature[]
}

/**
 * Finds each row's feature by its name, and by its devices only to break a tie: names repeat.
 *
 * Case, markup, spaces and punctuation do not count; a feature may have further `names`, since pages rename rows.
 */
export function matchRows(rows: readonly TableRow[], features: readonly Feature[]): Match[] {
  return rows.map(row => {
    const named = features.filter(feature => namesOf(feature).includes(plain(row.feature.text)))
    if (named.length < 2) return { row, features: named }
    const devices = wordsOf(row.devices.text)
    const exact = named.filter(feature => sameWords(feature.devices.flatMap(wordsOf), devices))
    return { row, features: exact.length > 0 ? exact : named }
  })
}

function namesOf({ title, names }: Feature): string[] {
  return [title, ...names].map(plain)
}

/** `` `netvm` `` and `Net VM` are one name; a digit or a letter of any script counts. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '')
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map(plain)
    .filter(word => word !== '')
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join() === [...new Set(b)].sort().join()
}
