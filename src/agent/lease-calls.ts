import { z } from 'zod'
import { asFault, Fault } from '../base/fault.ts'
import { harmless } from '../base/text.ts'
import type { Board } from '../bench/load.ts'
import { NO_REASON, releasedBy, withheldBy } from '../model/health.ts'
import { serves } from '../model/lease/assign.ts'
import { heldIn } from '../model/lease/evolve.ts'
import type { Waiting } from '../model/lease/explain.ts'
import { QUARANTINED, type BookBoard, type Held } from '../model/lease/words.ts'
import { TIED_MS, type BenchAgent } from './bench-agent.ts'
import { mustBe } from './caller.ts'
import { changeHealth } from './health/health-file.ts'
import { quarantinedFault } from './health/quarantined.ts'
import { knownOf } from './known-board.ts'
import type { LeaseDesk } from './leases/desk.ts'
import { call, type RouterContext } from './trpc.ts'

const DAY_MS = 24 * 3_600_000
const MAX_HOLD_MS = 30 * DAY_MS
// What others read of it later is told as one line, wherever it is shown.
const name = z.string().min(1).max(200).transform(harmless)
const id = z.string().min(8).max(100)
const purpose = z.string().max(500).transform(harmless)
const why = z.string().min(1).max(500).transform(harmless)
const Ask = z.strictObject({
  board: name.optional(),
  type: name.optional(),
  traits: z.array(name).max(20).optional(),
})
const asked = z.strictObject({
  id,
  user: name,
  purpose,
  asks: z.array(Ask).min(1).max(64),
  priority: z.int().min(0).max(9).default(5),
  preempts: z.boolean().default(false),
  yields: z.boolean().default(true),
  tied: z.boolean().default(true),
  leaves: z.boolean().default(false),
  /** To look after boards: quarantined ones are given too. */
  mends: z.boolean().default(false),
  forMs: z.int().min(1000).max(MAX_HOLD_MS).default(TIED_MS),
  /** How long to wait; null: as long as it takes. */
  waitMs: z.int().min(0).max(MAX_HOLD_MS).nullable().default(null),
})
const ofLease = z.object({ id })
/** What somebody must have a right to who names no board. */
const ANY_BOARD = 'any board of a type'

/** The part of the API that gives boards to people and runs. There is one only where an agent has the whole bench. */
export const leaseCalls = {
  /** Who answers, for which bench. Idempotent; needs no lease. */
  agentHello: call.query(({ ctx }) => {
    const { benchName } = benchOf(ctx)
    return { bench: benchName, pid: process.pid, user: ctx.caller.user ?? null, role: ctx.caller.role }
  }),

  /**
   * Waits for boards, all at once, and has them then. Idempotent by `id`: whoever lost the connection asks again.
   * Errors: `lease/held` after `waitMs` naming who has them, `configuration/unknown-board`, `lease/forbidden`;
   * `infrastructure/board-quarantined` for one that was asked for by name, at once.
   */
  leaseAsk: call.input(asked).mutation(async ({ ctx, input: { waitMs, mends, ...input } }) => {
    const { desk, attachments } = benchOf(ctx)
    const allowed = ctx.caller.boards
    for (const { board } of input.asks) if (allowed) mustBe(ctx.caller, 'use', board ?? ANY_BOARD)
    const user = ctx.caller.user ?? input.user
    const askedMs = desk.nowMs()
    if (!mends) for (const { board } of input.asks) if (board !== undefined) mustBeSound(desk.book.boards[board])
    attachments.attach(input.id, ctx.gone)
    const request = {
      ...input,
      user,
      asks: input.asks.map(({ board, type, traits }) => ({
        ...(board !== undefined && { board }),
        ...(type !== undefined && { type }),
        ...(traits !== undefined && { traits }),
      })),
      askedMs,
      giveUpMs: waitMs === null ? null : askedMs + waitMs,
      ...(mends && { mends: true as const }),
    }
    try {
      const wasKept = heldIn(desk.book, input.id) !== undefined
      const held = await desk.ask(request, ctx.gone)
      if (!ctx.gone.aborted) benchOf(ctx).unattended.forget(input.id)
      return answer(desk, wasKept ? await inForce(desk, held) : held)
    } catch (error) {
      if (!ctx.gone.aborted) attachments.forget(input.id)
      // It may have been given all the same, to somebody who was told otherwise.
      if (asFault(error).code === 'infrastructure/disk-full') void desk.release(input.id).catch(() => undefined)
      throw error
    }
  }),

  /** Counts this connection under a lease that is tied to its connections. Idempotent; needs the lease. */
  leaseAttach: call.input(ofLease).mutation(async ({ ctx, input }) => {
    const { attachments, desk } = benchOf(ctx)
    mine(ctx, input.id)
    attachments.attach(input.id, ctx.gone)
    const held = heldIn(desk.book, input.id)
    if (held) await inForce(desk, held)
  }),

  /**
   * In force for another while, never for less than it is, and for another purpose where one is given. Idempotent; needs the lease,
   * or for somebody else's the right to administer.
   */
  leaseRenew: call
    .input(ofLease.extend({ user: name, forMs: z.int().min(1000).max(MAX_HOLD_MS), purpose: purpose.optional() }))
    .mutation(async ({ ctx, input }) => {
      mine(ctx, input.id, ctx.caller.user ?? input.user)
      const { desk } = benchOf(ctx)
      return answer(desk, await desk.prolong(input.id, input.forMs, input.purpose))
    }),

  /** Ends a lease, or leaves the queue. Somebody else's needs the right to administer. */
  leaseRelease: call.input(ofLease.extend({ user: name })).mutation(async ({ ctx, input }) => {
    const by = ctx.caller.user ?? input.user
    mine(ctx, input.id, by)
    await benchOf(ctx).desk.release(input.id, by)
  }),

  /** A safe point: the lease ends here if somebody of higher priority waits for it. Idempotent; needs the lease. */
  leaseYield: call.input(ofLease).mutation(async ({ ctx, input }) => {
    mine(ctx, input.id)
    await benchOf(ctx).desk.yield(input.id)
  }),

  /** Hands a lease to somebody else, whose it is from now on; older numbers are refused. Errors: `lease/held` for that of a run. */
  leaseHand: call.input(ofLease.extend({ user: name, to: name })).mutation(async ({ ctx, input }) => {
    const by = ctx.caller.user ?? input.user
    const { desk } = benchOf(ctx)
    mine(ctx, input.id, by)
    mustBeHeldByPeople(heldIn(desk.book, input.id))
    await desk.hand(input.id, input.to, by)
  }),

  /** A board's health was changed on the disk: it is withheld, or given again. Idempotent; needs no lease. */
  healthChanged: call.input(z.object({ board: name })).mutation(async ({ ctx, input }) => {
    await benchOf(ctx).lookAtHealth(input.board)
  }),

  /**
   * Withholds a board until somebody releases it; with a `reason` of null gives it back, `released` says why. Idempotent; needs no
   * lease.
   */
  quarantine: call
    .input(z.object({ board: name, user: name, reason: why.nullable(), released: why.default(NO_REASON) }))
    .mutation(async ({ ctx, input: { board, user, reason, released } }) => {
      const bench = benchOf(ctx)
      const by = ctx.caller.user ?? user
      const nowMs = ctx.agent.clock.nowMs()
      changeHealth(bench.board(board).stateDir, record =>
        reason === null ? releasedBy(record, released, by, nowMs) : withheldBy(record, reason, by, nowMs),
      )
      await bench.lookAtHealth(board)
    }),

  /** Where a wish stands in the queue; null where it does not wait. Idempotent; needs no lease. */
  leaseWaiting: call.input(ofLease).query(({ ctx, input }) => {
    const { desk } = benchOf(ctx)
    const waiting = desk.waiting(input.id)
    return waiting ? expected(desk, waiting) : null
  }),

  /** The boards with who has them, and the first of the queue; `known`: also what their host knows of them. Idempotent; needs no lease. */
  leaseBook: call.input(z.object({ known: z.boolean() }).optional()).query(({ ctx, input }) => {
    const { desk, benchName } = benchOf(ctx)
    const waiters = desk.book.queue
    const boards = Object.values(desk.book.boards).map(({ past, ...board }) => ({
      ...board,
      last: past.at(-1) ?? null,
      waiting: waiters.filter(({ asks }) => asks.some(ask => serves({ ...board, past }, ask))).length,
      stateDir: boardIn(ctx, board.name)?.stateDir ?? null,
      known: input?.known === true ? knownIn(ctx, board.name) : null,
      lease: leaseIn(desk, desk.holder(board.name)),
    }))
    // `nowMs`: what `sinceMs` is to be held against.
    return {
      bench: benchName,
      nowMs: desk.nowMs(),
      boards,
      queue: desk.queue().map(waiting => expected(desk, waiting)),
    }
  }),
}

function mustBeSound(board: BookBoard | undefined): void {
  if (board?.withheld?.startsWith(QUARANTINED) !== true) return
  throw quarantinedFault(board.name, board.withheld.slice(QUARANTINED.length))
}

/** The lease of a run would end with it, and its board be put away from under whoever was handed it. */
function mustBeHeldByPeople(held: Held | undefined): void {
  if (held?.tied !== true) return
  const boards = held.grants.map(({ board }) => board)
  throw new Fault('lease/held', {
    expected: 'boards that somebody holds, which can be handed on',
    seen: `a run (${held.purpose}) on ${boards.join(' and ')}`,
    next: `let it finish, or end it: hil release ${boards.join(' ')}`,
  })
}

function benchOf({ bench }: RouterContext): BenchAgent {
  if (bench) return bench
  throw new Fault('configuration/no-agent', {
    expected: 'the agent of a bench',
    seen: 'a run that only has its own boards',
  })
}

/** Errors: `lease/forbidden` for a lease of somebody else, unless the caller administers all its boards; by type: any board. */
function mine(ctx: RouterContext, id: string, by = ctx.caller.user): void {
  const { book } = benchOf(ctx).desk
  const held = heldIn(book, id)
  const lease = held ?? book.queue.find(waiter => waiter.id === id)
  if (!lease || by === undefined || lease.user === by) return
  for (const { board = ANY_BOARD } of held?.grants ?? lease.asks) mustBe(ctx.caller, 'administer', board)
}

/** A lease whose holder came back, after a restart of the agent or a lost connection: until then it was only kept for a moment. */
function inForce(desk: LeaseDesk, held: Held): Promise<Held> {
  return held.tied ? desk.renew(held.id, null) : Promise.resolve(held)
}

function answer(desk: LeaseDesk, { id, user, grants, untilMs }: Held) {
  return { id, user, grants, untilMs: desk.wallMs(untilMs) }
}

function leaseIn(desk: LeaseDesk, held: Held | undefined) {
  if (!held) return null
  const { id, user, purpose, sinceMs, priority, tied, grants } = held
  const notice = held.notice ? { ...held.notice, atMs: desk.wallMs(held.notice.atMs) } : null
  return { id, user, purpose, sinceMs, untilMs: desk.wallMs(held.untilMs), priority, tied, grants, notice }
}

function expected(desk: LeaseDesk, waiting: Waiting): Waiting {
  const { etaMs } = waiting
  return { ...waiting, etaMs: etaMs === null ? null : desk.wallMs(etaMs) }
}

/** Undefined: the bench file as it was read last has it no more. */
function boardIn(ctx: RouterContext, name: string): Board | undefined {
  try {
    return benchOf(ctx).board(name)
  } catch {
    return undefined
  }
}

function knownIn(ctx: RouterContext, name: string): ReturnType<typeof knownOf> | null {
  const board = boardIn(ctx, name)
  return board ? knownOf(board) : null
}
