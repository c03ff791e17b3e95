import { initTRPC, type TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import { asFault, Fault } from '../base/fault.ts'
import type { Claim } from '../bench/claims.ts'
import { heldIn } from '../model/lease/evolve.ts'
import type { Agent } from './agent.ts'
import type { BenchAgent } from './bench-agent.ts'
import { mustBe, type Caller } from './caller.ts'

/** One connection: what it may do ends with it. */
export interface RouterContext {
  readonly agent: Agent
  /** Aborts when the connection ends. */
  readonly connection: AbortSignal
  /** Aborts when it does, or the lease of the call is over: what its caller waited for is then nobody's business any more. */
  readonly gone: AbortSignal
  /** The consoles it may write to, by board. */
  readonly claims: Map<string, Claim>
  /** The whole bench, where this is its agent and not only one run's. */
  readonly bench: BenchAgent | undefined
  /** Who calls, and what they may do. */
  readonly caller: Caller
}

export const t = initTRPC.context<RouterContext>().create({
  // A fault crosses the socket as what it is; see `client.ts` for the other end.
  errorFormatter: ({ shape, error, path }) => ({
    ...shape,
    data: { ...shape.data, fault: faultOf(error, path).record() },
  }),
})

/**
 * Lets the handler throw faults: tRPC keeps a thrown error as `cause`. What changes something needs the right to use the
 * board it names, and that the lease it names is the caller's; what only looks may be called by all who may connect.
 */
export const call = t.procedure.use(async ({ ctx, type, path, getRawInput, next }) => {
  const input = ((await getRawInput()) ?? {}) as Record<string, unknown>
  const gone = whileInForce(ctx, input)
  // tRPC makes a new context, a property at a time, of whatever it is given.
  const goOn = () => (gone === ctx.gone ? next() : next({ ctx: { gone } }))
  if (type !== 'mutation') return mustBeInForce(await goOn(), ctx, input)
  const { board } = input
  const audit = ctx.bench?.audit
  const told = UNTOLD.has(path) ? input : withLease(ctx, input)
  try {
    mustBe(ctx.caller, 'use', typeof board === 'string' ? board : undefined)
    if (ctx.caller.user !== undefined) mustBeTheirs(ctx, input)
  } catch (error) {
    audit?.note(ctx.caller, path, told, error)
    throw error
  }
  const result = await goOn()
  if (!UNTOLD.has(path)) audit?.note(ctx.caller, path, told, result.ok ? undefined : result.error)
  return mustBeInForce(result, ctx, input)
})

/**
 * Everybody may read the number of a lease, so that alone lets nobody act under it who is known by a token. Errors: `lease/forbidden`
 * for a lease of somebody else, unless the caller administers its board; `lease/stale`.
 */
function mustBeTheirs({ bench, caller }: RouterContext, { board, epoch }: Record<string, unknown>): void {
  if (!bench || typeof board !== 'string' || typeof epoch !== 'number') return
  if (bench.desk.held(board, epoch).user !== caller.user) mustBe(caller, 'administer', board)
}

/** What is done under a number ends with it: also when its board is handed to somebody else as it is. */
function whileInForce({ agent, gone }: RouterContext, { board, epoch }: Record<string, unknown>): AbortSignal {
  const lease = typeof board === 'string' ? agent.peek(board) : undefined
  return lease && lease.epoch === epoch ? AbortSignal.any([gone, lease.over.signal]) : gone
}

/**
 * What failed under a lease that is over by now failed by that: a board that is put away cuts short whatever is under way on it,
 * and says no more than that it was switched off.
 */
function mustBeInForce<R extends { readonly ok: boolean }>(
  result: R,
  ctx: RouterContext,
  input: Record<string, unknown>,
): R {
  const { board, epoch } = input
  const why = !result.ok && typeof board === 'string' && typeof epoch === 'number' && ctx.bench?.whyOver(board, epoch)
  if (why) throw why
  return result
}

/** With the boards of the lease that a call names, or with whose lease it acts under: once that is over nobody could tell. */
function withLease({ bench }: RouterContext, input: Record<string, unknown>): Record<string, unknown> {
  if (!bench) return input
  const { desk } = bench
  const { id, asks, board, epoch } = input
  if (typeof board === 'string' && typeof epoch === 'number') {
    const held = desk.epochOf(board) === epoch ? desk.holder(board) : undefined
    return held ? { ...input, holder: held.user, id: held.id } : input
  }
  const held = typeof id === 'string' && asks === undefined && heldIn(desk.book, id)
  return held ? { ...input, boards: held.grants.map(({ board }) => board) } : input
}

/** What happens so often, or says so little, that it would bury the rest of an audit. */
const UNTOLD = new Set([
  'leaseAttach',
  'leaseYield',
  'boardFacts',
  'beginTest',
  'endTest',
  'run',
  'consoleWrite',
  'consoleType',
  'consoleRelease',
])

/** What people call themselves; the rest a suite's fixtures do. */
const PEOPLES = /^(?:lease|quarantine|consoleClaim)/

function faultOf(error: TRPCError, path = ''): Fault {
  if (error.code !== 'BAD_REQUEST') return asFault(error.cause ?? error)
  const seen =
    error.cause instanceof ZodError
      ? error.cause.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      : error.message
  const code = PEOPLES.test(path) ? 'configuration/usage' : 'test/misuse'
  return new Fault(code, { expected: 'arguments of the right form', seen, cause: error })
}
