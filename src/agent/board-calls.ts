import { z } from 'zod'
import { asFault, Fault } from '../base/fault.ts'
import { harmless } from '../base/text.ts'
import { abortable } from '../base/time.ts'
import { InstallOrderSchema } from '../model/bench-file.ts'
import type { Image } from '../model/image.ts'
import type { Running } from '../model/running.ts'
import { pending, type LeaseFacts, type OpenLease } from './agent.ts'
import type { BoardRecord } from './board-record.ts'
import { call, type RouterContext } from './trpc.ts'

const MAX_LIMIT_MS = 3_600_000
const MAX_WAIT_MS = 30_000
const MAX_BYTES = 256 << 10
const underLease = z.object({ board: z.string(), epoch: z.int() })
const shown = z.string().transform(harmless)
const claimant = z.object({ pid: z.int(), user: shown, command: shown, sinceMs: z.number() })
const place = z.object({ by: z.enum(['ssh', 'serial']), guest: z.string().optional() })
const since = underLease.extend({ from: z.int().min(0), waitMs: z.int().min(0).max(MAX_WAIT_MS) })
/** Plain data that only this program makes, on both ends of the socket. */
const ours = <T>() => z.custom<T>(value => typeof value === 'object' && value !== null)

/** The part of the API by which a run works on a board that is open in its bench's agent. Each call needs a lease. */
export const boardCalls = {
  /** Opens the board of a lease, from before power-on; what is open already stays so. Idempotent. */
  boardOpen: call
    .input(underLease.extend({ holder: claimant, sharedConsole: z.boolean().default(false) }))
    .mutation(async ({ ctx, input: { board, epoch, ...how } }) => {
      if (!ctx.bench) throw new Fault('configuration/no-agent', { expected: 'the agent of a bench', seen: 'a run' })
      const { live } = await ctx.bench.open(board, epoch, { ...how, gone: ctx.connection })
      return {
        hasConsole: live.console !== undefined,
        begin: live.recording.begin,
        limitsMs: live.limitsMs,
        stateDir: live.board.stateDir,
      }
    }),

  /** Parks the board of a lease and closes it; the lease goes on. Idempotent. */
  boardClose: call.input(underLease).mutation(async ({ ctx, input: { board, epoch } }) => {
    await ctx.bench?.close(board, epoch)
  }),

  /** What happened on the board since item `from`; waits for it up to `waitMs`. Idempotent; also once it is closed. */
  boardNews: call.input(since).query(async ({ ctx, input: { board, epoch, from, waitMs } }) => {
    const { news, over } = recordOf(ctx, board, epoch)
    return await news.since(from, AbortSignal.any([ctx.gone, over, ctx.agent.clock.timeout(waitMs)]))
  }),

  /** The console from an offset on, base64; waits for it up to `waitMs`. Idempotent; also once it is closed. */
  boardConsole: call.input(since).query(async ({ ctx, input: { board, epoch, from, waitMs } }) => {
    const { recording, over } = recordOf(ctx, board, epoch)
    if (recording.end <= from) {
      const { promise, resolve } = Promise.withResolvers<void>()
      using _following = recording.follow(() => resolve())
      const enough = AbortSignal.any([ctx.gone, over, ctx.agent.clock.timeout(waitMs)])
      await abortable(promise, enough).catch(() => undefined)
    }
    const to = Math.max(from, Math.min(recording.end, from + MAX_BYTES))
    return { to, base64: recording.slice(from, to).toString('base64') }
  }),

  /** What is known of the image; `ready`: tests may begin; `fault`: they never will. Idempotent. */
  boardFacts: call
    .input(underLease.extend({ facts: ours<LeaseFacts>(), is: z.enum(['under way', 'ready']) }))
    .mutation(({ ctx, input: { board, epoch, facts, is } }) => {
      const lease = ctx.agent.find(board, epoch)
      Object.assign(lease.facts, facts)
      if (is === 'ready') return lease.ready.resolve()
      // A test may have been faster than this news, and waits for what was there before it.
      const before = lease.ready
      lease.ready = pending()
      lease.ready.promise.then(before.resolve, before.reject)
    }),

  /** Switches the power; `adopt` only watches over a board that is on. */
  boardPower: call.input(underLease.extend({ to: z.enum(['on', 'off', 'adopt']) })).mutation(async ({ ctx, input }) => {
    const { live, signal } = at(ctx, input)
    if (input.to === 'on') await live.powerOn(signal)
    else if (input.to === 'adopt') await live.adopt()
    else return await live.powerOff(signal)
    return null
  }),

  /** The trouble it is in; null: none. Idempotent. */
  boardTrouble: call.input(underLease).query(async ({ ctx, input }) => {
    const trouble = await at(ctx, input).live.trouble()
    return trouble?.record() ?? null
  }),

  /** Writes an image to the boot medium. A fault says whether the medium was already changed. */
  boardFlash: call
    .input(
      underLease.extend({
        image: ours<Image>(),
        mode: z.enum(['full', 'delta', 'verify']).optional(),
        dryRun: z.boolean().optional(),
      }),
    )
    .mutation(async ({ ctx, input: { board, epoch, image, mode, dryRun } }) => {
      const { live, signal } = at(ctx, { board, epoch })
      let begun = false
      const how = {
        ...(mode && { mode }),
        ...(dryRun !== undefined && { dryRun }),
        begins: () => void (begun = true),
      }
      const news = recordOf(ctx, board, epoch).news
      try {
        const proof = await live.flash(image, report => news.tell({ type: 'progress', report }), signal, how)
        return { begun, proof }
      } catch (error) {
        return { begun, fault: asFault(error).record() }
      }
    }),

  /** Switches it on and waits for a login prompt, where there is to be one. */
  boardBoot: call
    .input(underLease.extend({ loginOnConsole: z.boolean(), limitMs: z.int().min(1).max(MAX_LIMIT_MS).optional() }))
    .mutation(async ({ ctx, input: { loginOnConsole, limitMs, ...lease } }) => {
      const { live, signal } = at(ctx, lease)
      if (!loginOnConsole) live.expectNoConsoleLogin()
      return await live.boot({ loginOnConsole, ...(limitMs !== undefined && { limitMs }) }, signal)
    }),

  boardInstall: call.input(underLease.extend({ order: InstallOrderSchema })).mutation(async ({ ctx, input }) => {
    const { live, signal } = at(ctx, input)
    await live.install(input.order, signal)
  }),

  boardRemoveMedium: call.input(underLease).mutation(async ({ ctx, input }) => {
    const { live, signal } = at(ctx, input)
    await live.removeMedium(signal)
  }),

  /** What it runs, from which disk. */
  boardRuns: call
    .input(underLease.extend({ place, flashId: z.string(), limitMs: z.int().min(1).max(MAX_LIMIT_MS) }))
    .mutation(async ({ ctx, input: { place: where, flashId, limitMs, ...lease } }) => {
      const { live, signal } = at(ctx, lease)
      return await live.whatRuns(plain(where), flashId, { limitMs, signal })
    }),

  /** The stamps of its disks. */
  boardStamps: call
    .input(underLease.extend({ running: ours<Running>(), limitMs: z.int().min(1).max(MAX_LIMIT_MS) }))
    .mutation(async ({ ctx, input: { running, limitMs, ...lease } }) => {
      const { live, signal } = at(ctx, lease)
      return await live.readStamps(running, { limitMs, signal })
    }),
}

function recordOf({ bench }: RouterContext, board: string, epoch: number): BoardRecord {
  if (bench) return bench.record(board, epoch)
  throw new Fault('configuration/no-agent', { expected: 'the agent of a bench', seen: 'a run' })
}

/** The open board of a lease, and what ends all work on it. */
function at(
  ctx: RouterContext,
  { board, epoch }: z.infer<typeof underLease>,
): { live: OpenLease['live']; signal: AbortSignal } {
  return { live: ctx.agent.find(board, epoch).live, signal: ctx.gone }
}

function plain({ by, guest }: z.infer<typeof place>): { by: 'ssh' | 'serial'; guest?: string } {
  return { by, ...(guest !== undefined && { guest }) }
}
