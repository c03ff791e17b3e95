import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { harmless } from '../base/text.ts'
import type { ConsoleFeed } from '../bench/console-feed.ts'
import { lookAt } from '../bench/watch.ts'
import type { Agent } from './agent.ts'
import { call } from './trpc.ts'

const onBoard = z.object({ board: z.string() })
const MAX_WAIT_MS = 30_000
const MAX_WRITE_BYTES = 64 << 10

const shown = z.string().transform(harmless)
const Claimant = z.object({ pid: z.int(), user: shown, command: shown, sinceMs: z.number() })

/** The part of the API that people's consoles use. It needs no lease: everybody may watch, and one may write by claim. */
export const consoleCalls = {
  /**
   * What a watcher has not seen yet, base64; waits for it up to `waitMs`. Idempotent.
   *
   * Pulled, not pushed: the transport has no back-pressure, so a watcher that is slow would be the agent's memory.
   */
  consoleWatch: call
    .input(
      onBoard.extend({
        from: z.int().min(0).optional(),
        lastLines: z.int().min(0).max(1000).default(24),
        key: z.string().optional(),
        waitMs: z.int().min(0).max(MAX_WAIT_MS),
      }),
    )
    .query(async ({ ctx, input }) => {
      const { bytes, ...look } = await lookAt(feedOf(ctx.agent, input.board), input, ctx.gone)
      return { ...look, base64: bytes.toString('base64') }
    }),

  /** Claims the console for this connection; with `takeReason`, from whoever has it. Given back when the connection ends. */
  consoleClaim: call
    .input(
      onBoard.extend({ claimant: Claimant, takeReason: z.string().min(1).max(200).transform(harmless).optional() }),
    )
    .mutation(({ ctx, input }) => {
      const { board, claimant, takeReason } = input
      const { claims } = feedOf(ctx.agent, board)
      // A connection that ended while it asked would hold it for ever.
      ctx.gone.throwIfAborted()
      ctx.claims.get(board)?.[Symbol.dispose]()
      const claim = takeReason === undefined ? claims.claim(claimant) : claims.take(claimant, takeReason)
      ctx.claims.set(board, claim)
      ctx.gone.addEventListener('abort', () => claim[Symbol.dispose](), { once: true })
    }),

  /** Gives the console back. Idempotent. */
  consoleRelease: call.input(onBoard).mutation(({ ctx, input }) => {
    ctx.claims.get(input.board)?.[Symbol.dispose]()
    ctx.claims.delete(input.board)
  }),

  /** Writes under this connection's claim. Errors: `lease/console-taken` once somebody else took it. */
  consoleType: call
    .input(onBoard.extend({ base64: z.base64().max(MAX_WRITE_BYTES * 2) }))
    .mutation(async ({ ctx, input }) => {
      const feed = feedOf(ctx.agent, input.board)
      const claim = ctx.claims.get(input.board)
      if (claim) return await feed.writeUnder(claim, Buffer.from(input.base64, 'base64'))
      throw new Fault('test/misuse', { expected: 'a connection that claimed the console', seen: 'none of its claims' })
    }),
}

function feedOf(agent: Agent, board: string): ConsoleFeed {
  const lease = agent.peek(board)
  if (lease?.live.feed) return lease.live.feed
  throw lease
    ? new Fault('configuration/bench-file', { expected: `${board} to have a console`, seen: 'none wired' })
    : new Fault('lease/stale', { expected: `${board} to be held here`, seen: 'it was released' })
}
