import type { Status } from '../../model/status.ts'

/** How a page writes a status: as an emoji, or as an entity in this spelling. */
export type Spelling = Readonly<Record<Status, string>>

/** Each status in every way of writing it; `2705` in any case, with a variation selector or without. */
const WAYS: readonly [Status, RegExp][] = [
  ['✅', /✅|&#x0*2705;|&#9989;|&check;/iu],
  ['🚧', /🚧|&#x0*1f6a7;|&#128679;/iu],
  ['❌', /❌|&#x0*274c;|&#10060;/iu],
]
const EMOJI: Spelling = { '✅': '✅', '🚧': '🚧', '❌': '❌' }
const ENTITIES: Spelling = { '✅': '&#x2705;', '🚧': '&#x1f6A7;', '❌': '&#x274C;' }
const ANY = new RegExp(WAYS.map(([, way]) => way.source).join('|'), 'giu')

/** A status as it stands in a text. */
export interface Symbol {
  readonly status: Status
  readonly written: string
  readonly at: number
}

/** Every status in a text, in order. */
export function symbolsIn(text: string): Symbol[] {
  return [...text.matchAll(ANY)].map(({ 0: written, index: at }) => ({ status: statusOf(written), written, at }))
}

/** How a page writes statuses: each as it was last written there, and what it does not have like the ones it has. */
export function spellingOf(page: string): Spelling {
  const seen = symbolsIn(page)
  const entities = seen.filter(({ written }) => written.startsWith('&')).length * 2 >= Math.max(1, seen.length)
  const spelling: Record<Status, string> = { ...(entities ? ENTITIES : EMOJI) }
  for (const { status, written } of seen) if (written.startsWith('&') === entities) spelling[status] = written
  return spelling
}

function statusOf(written: string): Status {
  return WAYS.find(([, way]) => new RegExp(`^(?:${way.source})$`, 'iu').test(written))![0]
}
