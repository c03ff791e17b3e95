/** What is wanted of one board: by name, by type, by traits; all that is given must hold. */
export interface Ask {
  readonly board?: string
  readonly type?: string
  readonly traits?: readonly string[]
}

/** Somebody's wish for boards: all of them at once, or none. */
export interface Request {
  /** Chosen by whoever asks, so that asking twice is asking once. */
  readonly id: string
  readonly user: string
  /** What the boards are for, as others are told. */
  readonly purpose: string
  readonly asks: readonly Ask[]
  /** 0 to 9; 5 is usual. */
  readonly priority: number
  /** Whether it ends leases of lower priority, after a notice. */
  readonly preempts: boolean
  /** Whether its own lease may be ended so. */
  readonly yields: boolean
  /** Whether the lease ends when nobody is connected under it any more: a run, as opposed to what people hold. */
  readonly tied: boolean
  /** Whether its boards stay as they are when it ends; usually they are switched off. */
  readonly leaves: boolean
  /** To look after a board: also one that is quarantined is given. Absent: only sound ones are. */
  readonly mends?: true
  /** How long the lease is in force from its beginning, and from each renewal. */
  readonly forMs: number
  readonly askedMs: number
  /** When it is no longer of use; null: it waits for ever. */
  readonly giveUpMs: number | null
}

/** A board of a lease, with the number that fences off older holders. */
export interface Grant {
  readonly board: string
  readonly epoch: number
}

/** Somebody of higher priority wants a board of a lease, which ends at its next safe point, at the latest at `atMs`. */
export interface Notice {
  readonly by: string
  readonly byUser: string
  readonly atMs: number
}

/** A lease in force. */
export interface Held extends Request {
  readonly grants: readonly Grant[]
  readonly sinceMs: number
  readonly untilMs: number
  readonly notice?: Notice
}

/** Why a lease is over. */
export type Ending = 'released' | 'expired' | 'preempted' | 'handed' | 'ended'

/** A lease of a board that is over. */
export interface Past {
  readonly epoch: number
  readonly user: string
  readonly sinceMs: number
  readonly endMs: number
  readonly how: Ending
  /** Who did it, where that was somebody else. */
  readonly by?: string
}

/** What a bench file says of a board, as far as it matters who gets it. */
export interface BoardFacts {
  readonly name: string
  readonly type: string
  readonly traits: readonly string[]
  /** The number of a lease that somebody took past the book: its own go on behind. */
  readonly epoch?: number
}

/** A board as the book knows it. */
export interface BookBoard extends BoardFacts {
  /** Why nobody gets it at present; null: it may be had. */
  readonly withheld: string | null
  /** The number of its newest lease. */
  readonly epoch: number
  /** Its last leases, newest last. */
  readonly past: readonly Past[]
}

/** How a board that is withheld for its health is told from others. */
export const QUARANTINED = 'quarantined: '

/** How much of the boards somebody had; halves every `halfLifeMs`. */
export interface Usage {
  readonly user: string
  readonly boardMs: number
  readonly atMs: number
}

/**
 * Who has what and who waits: plain data, the same for whoever replays the same events.
 *
 * Only boards are kept by name: an object with a key of its own for each lease makes V8 keep a hidden class for each.
 */
export interface Book {
  readonly boards: Readonly<Record<string, BookBoard>>
  readonly held: readonly Held[]
  /** In the order of asking. */
  readonly queue: readonly Request[]
  readonly usage: readonly Usage[]
}

/** What happened: all that is kept, and all that a book is made of. */
export type LeaseEvent =
  | { readonly type: 'queued'; readonly request: Request }
  | { readonly type: 'granted'; readonly atMs: number; readonly id: string; readonly grants: readonly Grant[] }
  | { readonly type: 'renewed'; readonly id: string; readonly untilMs: number; readonly purpose?: string }
  | { readonly type: 'noticed'; readonly id: string; readonly notice: Notice }
  | { readonly type: 'unnoticed'; readonly id: string }
  | {
      readonly type: 'ended'
      readonly atMs: number
      readonly id: string
      readonly how: Exclude<Ending, 'handed'>
      readonly by?: string
    }
  | {
      readonly type: 'handed'
      readonly atMs: number
      readonly id: string
      readonly to: string
      readonly by: string
      readonly grants: readonly Grant[]
    }
  | { readonly type: 'left'; readonly id: string; readonly how: 'withdrawn' | 'late' }
  | { readonly type: 'bench'; readonly boards: readonly BoardFacts[] }
  | { readonly type: 'withheld'; readonly board: string; readonly why: string | null }

/** What somebody wants, at a time. */
export type LeaseCommand =
  | { readonly do: 'ask'; readonly request: Request }
  /** In force for another `forMs` from now on, which may be less than before; null: the time asked for. */
  | { readonly do: 'renew'; readonly id: string; readonly forMs: number | null }
  /** In force for another `forMs`, and never for less than it is; for another purpose where one is given. */
  | { readonly do: 'prolong'; readonly id: string; readonly forMs: number; readonly purpose?: string }
  /** Ends a lease, or leaves the queue. */
  | { readonly do: 'release'; readonly id: string; readonly by?: string }
  /** The holder can be interrupted now without harm. */
  | { readonly do: 'yield'; readonly id: string }
  | { readonly do: 'hand'; readonly id: string; readonly to: string; readonly by: string }
  | { readonly do: 'bench'; readonly boards: readonly BoardFacts[] }
  | { readonly do: 'withhold'; readonly board: string; readonly why: string | null }
  /** Time passes. */
  | { readonly do: 'tick' }

/** The rules that a lab may want otherwise. */
export interface Rules {
  /** Who waits this long counts as one priority higher, again and again: nobody starves. */
  readonly ageStepMs: number
  /** How long a holder may take to the next safe point once somebody of higher priority wants its board. */
  readonly graceMs: number
  readonly halfLifeMs: number
  /** Waits of users whose use differs by less than this are first come, first served. */
  readonly fairStepMs: number
  /** How unsound a board is: of those that would do alike the soundest are given first. Absent: all are alike. */
  readonly unsoundness?: (board: string) => number
}

export const RULES: Rules = {
  ageStepMs: 10 * 60_000,
  graceMs: 5 * 60_000,
  halfLifeMs: 24 * 3_600_000,
  fairStepMs: 60_000,
}

export const EMPTY_BOOK: Book = { boards: {}, held: [], queue: [], usage: [] }
