import { QUARANTINED, type Ask, type BookBoard, type Request } from './words.ts'

/**
 * A board for each ask, none of them twice; undefined when that cannot be. Among boards that serve an ask the earlier ones
 * of the list are tried first.
 *
 * A bipartite matching by augmenting paths: what was given to one ask is moved where another needs it.
 */
export function assign(asks: readonly Ask[], boards: readonly BookBoard[]): BookBoard[] | undefined {
  const takenBy = new Map<BookBoard, number>()
  const place = (index: number, tried: Set<BookBoard>): boolean => {
    for (const board of boards) {
      if (tried.has(board) || !serves(board, asks[index]!)) continue
      tried.add(board)
      const other = takenBy.get(board)
      if (other !== undefined && !place(other, tried)) continue
      takenBy.set(board, index)
      return true
    }
    return false
  }
  for (let index = 0; index < asks.length; index++) if (!place(index, new Set())) return undefined
  const given: BookBoard[] = []
  for (const [board, index] of takenBy) given[index] = board
  return given
}

export function serves(board: BookBoard, { board: name, type, traits = [] }: Ask): boolean {
  return (
    (name === undefined || board.name === name) &&
    (type === undefined || board.type === type) &&
    traits.every(trait => board.traits.includes(trait))
  )
}

/** Whether a board is given at present: one that is quarantined only to whoever mends it. */
export function isGivenTo({ withheld }: BookBoard, { mends }: Pick<Request, 'mends'>): boolean {
  return withheld === null || (mends === true && withheld.startsWith(QUARANTINED))
}

/** An ask in words. */
export function describeAsk({ board, type, traits = [] }: Ask): string {
  const kind = board ?? (type === undefined ? 'a board' : `a ${type}`)
  return traits.length === 0 ? kind : `${kind} with ${traits.join(' and ')}`
}
