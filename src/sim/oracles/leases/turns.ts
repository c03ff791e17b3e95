import { heldIn } from '../../../model/lease/evolve.ts'
import type { Book, LeaseEvent, Request, Rules } from '../../../model/lease/words.ts'
import type { Complain } from './complaint.ts'

/** What somebody had of the boards, from when to when. */
interface Use {
  readonly user: string
  readonly boards: number
  readonly fromMs: number
  toMs: number
}

/** How things stand in the middle of several events. */
interface Standing {
  readonly before: Book
  readonly owners: ReadonlyMap<string, string>
  readonly withheld: ReadonlyMap<string, string | null>
}

/** Rounding of shares, and what a share is when it is looked at a moment later. */
const SLACK_STEPS = 2.5

/**
 * All boards at once or none, each once, to nobody twice; and in turn: by priority that grows with the wait, then by who had
 * less, then by who came first. Counted here from what happened, not by the queue's own functions.
 */
export class Turns {
  readonly #rules: Rules
  readonly #complain: Complain
  readonly #uses = new Map<string, Use>()
  readonly #past: Use[] = []
  readonly #notices = new Map<string, number>()
  /** Leases whose holders said since that somebody else may have them. */
  readonly #yielded = new Set<string>()

  constructor(rules: Rules, complain: Complain) {
    this.#rules = rules
    this.#complain = complain
  }

  /** A holder reached a point where nothing is lost. It may be told much later, where the disk is full. */
  yielded(id: string): void {
    if (this.#notices.has(id)) this.#yielded.add(id)
  }

  happened(events: readonly LeaseEvent[], before: Book): void {
    let queue = before.queue
    const owners = new Map<string, string>()
    const withheld = new Map(Object.values(before.boards).map(board => [board.name, board.withheld]))
    for (const { id, grants } of before.held) for (const { board } of grants) owners.set(board, id)
    const served = new Set(events.flatMap(event => (event.type === 'granted' ? [event.id] : [])))
    for (const event of events)
      switch (event.type) {
        case 'queued':
          queue = [...queue, event.request]
          break
        case 'left':
          queue = queue.filter(({ id }) => id !== event.id)
          break
        case 'withheld':
          withheld.set(event.board, event.why)
          break
        case 'noticed':
          this.#notices.set(event.id, event.notice.atMs)
          this.#yielded.delete(event.id)
          break
        case 'unnoticed':
          this.#notices.delete(event.id)
          break
        case 'ended': {
          for (const [board, id] of owners) if (id === event.id) owners.delete(board)
          const dueMs = this.#notices.get(event.id)
          if (
            event.how === 'preempted' &&
            (dueMs === undefined || (event.atMs < dueMs && !this.#yielded.has(event.id)))
          )
            this.#complain('turns', `lease ${event.id} was ended for somebody else without the time it was given`)
          this.#end(event.id, event.atMs)
          break
        }
        case 'handed': {
          const boards = this.#uses.get(event.id)?.boards ?? event.grants.length
          this.#end(event.id, event.atMs)
          this.#uses.set(event.id, { user: event.to, boards, fromMs: event.atMs, toMs: Infinity })
          break
        }
        case 'granted': {
          const request = queue.find(({ id }) => id === event.id)
          queue = queue.filter(({ id }) => id !== event.id)
          if (!request) {
            this.#complain('turns', `lease ${event.id} was given to nobody who waits`)
            break
          }
          this.#whole(request, event.grants, { before, owners, withheld })
          const others = queue.filter(({ id }) => !served.has(id))
          for (const { board } of event.grants) {
            owners.set(board, event.id)
            for (const other of others) this.#inTurn(request, other, board, event.atMs, withheld.get(board) ?? null)
          }
          const { user } = request
          this.#uses.set(event.id, { user, boards: event.grants.length, fromMs: event.atMs, toMs: Infinity })
          break
        }
        case 'renewed':
        case 'bench':
      }
  }

  /** What happened unseen, while an agent began. */
  caughtUp(before: Book, after: Book, atMs: number): void {
    for (const { id } of before.held) if (!heldIn(after, id)) this.#end(id, atMs)
    this.#notices.clear()
    for (const { id, notice } of after.held) if (notice) this.#notices.set(id, notice.atMs)
    for (const { id, user, grants, sinceMs } of after.held)
      if (!heldIn(before, id)) this.#uses.set(id, { user, boards: grants.length, fromMs: sinceMs, toMs: Infinity })
  }

  #end(id: string, atMs: number): void {
    const use = this.#uses.get(id)
    this.#uses.delete(id)
    if (use) this.#past.push({ ...use, toMs: atMs })
  }

  #whole(
    { id, purpose, asks, mends }: Request,
    grants: readonly { readonly board: string }[],
    { before, owners, withheld }: Standing,
  ): void {
    const names = grants.map(({ board }) => board)
    const complain = (what: string): void => this.#complain('whole', `${purpose} ${what}`)
    if (grants.length !== asks.length) complain(`asked for ${asks.length} boards and has ${grants.length}`)
    if (new Set(names).size < names.length) complain(`has a board twice: ${names.join(', ')}`)
    for (const [index, board] of names.entries()) {
      const { board: name, type } = asks[index] ?? {}
      const known = before.boards[board]
      if (name !== undefined && name !== board) complain(`asked for ${name} and has ${board}`)
      if (type !== undefined && known?.type !== type) complain(`asked for a ${type} and has ${board}`)
      const owner = owners.get(board)
      if (owner !== undefined && owner !== id) complain(`has ${board}, which lease ${owner} has too`)
      const why = withheld.get(board) ?? null
      if (why !== null && !(mends && why.startsWith('quarantined')))
        complain(`has ${board}, which nobody should: ${why}`)
    }
  }

  /** Whether `request` may have a board before somebody who waits for just that. */
  #inTurn(request: Request, other: Request, board: string, atMs: number, withheld: string | null): void {
    const [only, ...more] = other.asks
    if (more.length > 0 || only?.board !== board || (withheld !== null && !other.mends)) return
    const mine = this.#level(request, atMs)
    const theirs = this.#level(other, atMs)
    const told = `${request.purpose} has ${board} before ${other.purpose}`
    if (mine < theirs) return this.#complain('turns', `${told}, which counts ${theirs} and not ${mine} by now`)
    if (mine > theirs) return
    const ahead = this.#usedMs(request.user, atMs) - this.#usedMs(other.user, atMs)
    if (ahead > SLACK_STEPS * this.#rules.fairStepMs)
      this.#complain('turns', `${told}, though ${request.user} had ${Math.round(ahead)} ms more than ${other.user}`)
    if (request.user === other.user && request.askedMs > other.askedMs)
      this.#complain('turns', `${told}, and came later`)
  }

  #level({ priority, askedMs }: Request, atMs: number): number {
    return priority + Math.max(0, Math.floor((atMs - askedMs) / this.#rules.ageStepMs))
  }

  #usedMs(user: string, atMs: number): number {
    let sum = 0
    for (const use of [...this.#past, ...this.#uses.values()]) {
      if (use.user !== user) continue
      const toMs = Math.min(use.toMs, atMs)
      sum += use.boards * (toMs - use.fromMs) * 2 ** ((toMs - atMs) / this.#rules.halfLifeMs)
    }
    return sum
  }
}
