import { diskFault } from '../../base/disk.ts'
import { Fault } from '../../base/fault.ts'
import { replay } from '../../model/lease/book.ts'
import { EMPTY_BOOK, type Book, type Held, type LeaseEvent, type Usage } from '../../model/lease/words.ts'
import { hostDisk } from './book-disk.ts'

/** The version of what `lineOf` writes. */
const VERSION = 3

/** A first line: a book as it is. */
export function lineOf(book: Book): Buffer {
  return Buffer.from(`${JSON.stringify({ version: VERSION, book })}\n`)
}

/**
 * The book kept at a path; an empty one where there is none yet. A last line that is not whole, pieces of it that a power cut
 * left included, was never acknowledged and is dropped. Errors: `configuration/lease-book`, with a line that is damaged.
 */
export function readBook(path: string, disk = hostDisk): Book {
  let text: string
  try {
    text = disk.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_BOOK
    throw diskFault(error)
  }
  const lines = text.split('\n').flatMap((line, index) => (line === '' ? [] : { line, number: index + 1 }))
  const [head, ...rest] = lines
  if (!head) return EMPTY_BOOK
  const found = rest.map(({ line, number }) => ({ events: eventsIn(line), number }))
  const torn = found.findIndex(({ events }) => events === undefined)
  const whole = torn < 0 ? found : found.slice(0, torn)
  try {
    if (whole.length < found.length && found.slice(torn).some(({ events }) => events))
      throw new Error(`line ${found[torn]!.number} is damaged`)
    return replay(
      whole.flatMap(({ events }) => events ?? []),
      bookIn(head.line),
    )
  } catch (cause) {
    throw new Fault('configuration/lease-book', {
      expected: `a lease book at ${path}`,
      seen: (cause as Error).message,
      cause,
    })
  }
}

/** The book of a first line. Errors: one of a version that is not known. */
function bookIn(line: string): Book {
  const { version, book } = JSON.parse(line) as { version: number; book: Book }
  if (version === VERSION) return book
  if (version !== 1 && version !== 2) throw new Error(`version ${version}`)
  // The first had no empty lines behind; both had leases by id, and use by user.
  const { held, usage, ...same } = book as unknown as Pick<Book, 'boards' | 'queue'> & {
    readonly held: Record<string, Held>
    readonly usage: Record<string, Omit<Usage, 'user'>>
  }
  const used = Object.entries(usage).map(([user, had]) => ({ user, ...had }))
  return { ...same, held: Object.values(held), usage: used }
}

/** The events of a whole line. */
function eventsIn(line: string): readonly LeaseEvent[] | undefined {
  try {
    const events: unknown = JSON.parse(line)
    return Array.isArray(events) ? events : undefined
  } catch {
    return undefined
  }
}
