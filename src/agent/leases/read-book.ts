import { diskFault } from '../../base/disk.ts'
import { Fault } from '../../base/fault.ts'
import { replay } from '../../model/lease/book.ts'
import { EMPTY_BOOK, type Book, type Held, type LeaseEvent, type Usage } from '../../model/lease/words.ts'
import { hostDisk, type BookDisk } from './book-disk.ts'

/** The version of what `lineOf` writes. */
const VERSION = 5

/** The first line of a file that is empty: a program that knows of one file only refuses it, and begins no book of its own. */
export const NOT_ITS_TURN = Buffer.from(`${JSON.stringify({ version: VERSION })}\n`)

/** A book that is kept. */
export interface FoundBook {
  readonly book: Book
  /** How often the files took turns; 0: never. */
  readonly turn: number
  /** Which of the files it is in; undefined: there is none yet. */
  readonly path: string | undefined
}

/** The two files of the book kept at a path. */
export const filesOf = (path: string): readonly [string, string] => [path, `${path}.2`]

/** A first line: a book as it is. */
export function lineOf(book: Book, turn: number): Buffer {
  return Buffer.from(`${JSON.stringify({ version: VERSION, turn, book })}\n`)
}

/** Instead of the number of a line, where not even the first, which is 0, is known to be on the disk. */
export const NOTHING_SAFE = -1

/** Another line: its number behind the first, up to which number all are known to be on the disk, and events as JSON. */
export function entryOf(n: number, safe: number, events: readonly string[]): Buffer {
  return Buffer.from(`{"n":${n},"safe":${safe},"events":[${events.join(',')}]}\n`)
}

/** The book kept at a path, as `findBook` has it. */
export const readBook = (path: string, disk = hostDisk): Book => findBook(path, disk).book

/**
 * The book kept at a path; an empty one where there is none yet. Of its two files the one whose turn came last counts; a first
 * line that is not whole, and of which none behind it says that it was on the disk, has not had its turn. Where the host lost its power any of the last lines may
 * be missing, or in pieces: the first of them that is, and all behind it, is dropped, unless a later one says that it was on the
 * disk. Errors: `configuration/lease-book`, with a line that is damaged.
 */
export function findBook(path: string, disk = hostDisk): FoundBook {
  const files = filesOf(path).map(file => ({ path: file, text: textOf(file, disk) }))
  const kept = files.flatMap(file => keptIn(file) ?? [])
  if (files.every(({ text }) => text === '')) return { book: EMPTY_BOOK, turn: 0, path: undefined }
  const [last] = kept.toSorted((a, b) => b.turn - a.turn)
  const isDamaged = ({ head, rest }: Kept): boolean =>
    !head && rest.some(({ entry }) => entry && entry.safe > NOTHING_SAFE)
  const read = kept.find(isDamaged) ?? last
  try {
    if (!read) throw new Error('no book, and there was one')
    return { book: bookOf(read), turn: read.turn, path: read.path }
  } catch (cause) {
    throw new Fault('configuration/lease-book', {
      expected: `a lease book in ${filesOf(path).join(' or ')}`,
      seen: `${read ? `${read.path}: ` : ''}${(cause as Error).message}`,
      cause,
    })
  }
}

/** A first line, whole. */
interface Head {
  readonly version: number
  readonly turn?: number
  /** Absent: it is not its turn. */
  readonly book?: Book
}

/** One of the files, unless it is not its turn. */
interface Kept {
  readonly path: string
  readonly head: Head | undefined
  /** 0 before there were turns; -1 where it is in no line. */
  readonly turn: number
  readonly rest: readonly Line[]
}

interface Line {
  /** In the file. */
  readonly number: number
  /** Undefined: it is not whole. */
  readonly entry: Entry | undefined
}

interface Entry {
  readonly n: number
  readonly safe: number
  readonly events: readonly LeaseEvent[]
}

function keptIn({ path, text }: { readonly path: string; readonly text: string }): Kept | undefined {
  // A million of empty lines may follow.
  const [first, ...lines] = text.trimEnd().split('\n')
  if (!first) return undefined
  const head = parsed(first) as Head | undefined
  if ((head?.version === VERSION || head?.version === 4) && head.book === undefined) return undefined
  const rest = lines
    .map((line, index) => ({ number: index + 2, line }))
    .filter(({ line }) => line !== '')
    .map(({ number, line }, index) => ({ number, entry: entryIn(line, index + 1) }))
  return { path, head, turn: head ? (head.turn ?? 0) : -1, rest }
}

/** Empty where there is none. */
function textOf(path: string, disk: BookDisk): string {
  try {
    return disk.read(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw diskFault(error)
  }
}

/** Errors: a line that is damaged. */
function bookOf({ head, rest }: Kept): Book {
  if (!head) throw new Error('line 1 is damaged')
  const torn = rest.findIndex(({ entry }, index) => entry?.n !== index + 1)
  const whole = torn < 0 ? rest : rest.slice(0, torn)
  const safe = rest.reduce((most, { entry }) => Math.max(most, entry?.safe ?? 0), 0)
  if (safe > whole.length) throw new Error(`line ${rest[torn]!.number} is damaged, or one before it is missing`)
  return replay(
    whole.flatMap(({ entry }) => entry?.events ?? []),
    bookIn(head),
  )
}

/** The book of a first line. Errors: one of a version that is not known. */
function bookIn({ version, book }: Head): Book {
  if (book && version >= 3 && version <= VERSION) return book
  if (version !== 1 && version !== 2) throw new Error(`version ${version}`)
  // The first had no empty lines behind; both had leases by id, and use by user.
  const { held, usage, ...same } = book as unknown as Pick<Book, 'boards' | 'queue'> & {
    readonly held: Record<string, Held>
    readonly usage: Record<string, Omit<Usage, 'user'>>
  }
  const used = Object.entries(usage).map(([user, had]) => ({ user, ...had }))
  return { ...same, held: Object.values(held), usage: used }
}

/** A whole line. Up to version 4 it was only events, and all before it was on the disk; `n` is its number then. */
function entryIn(line: string, n: number): Entry | undefined {
  const entry = parsed(line)
  if (Array.isArray(entry)) return { n, safe: n - 1, events: entry as LeaseEvent[] }
  return typeof entry === 'object' && entry !== null && 'events' in entry ? (entry as Entry) : undefined
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
