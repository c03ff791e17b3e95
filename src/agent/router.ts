import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import { abortable } from '../base/time.ts'
import { updateBoard } from '../bench/update.ts'
import { refuseEndOfText } from '../bench/expect/pattern.ts'
import { openTunnel } from '../bench/tunnel.ts'
import type { Agent } from './agent.ts'
import { quote } from './agent.ts'
import { boardCalls } from './board-calls.ts'
import { bootLoaderCalls } from './boot-loader-calls.ts'
import { consoleCalls } from './console-calls.ts'
import { fileCalls } from './file-calls.ts'
import { leaseCalls } from './lease-calls.ts'
import { call, t } from './trpc.ts'

const onBoard = z.object({ board: z.string() })
/** Every call that acts on a board names the lease it acts under. */
const underLease = onBoard.extend({ epoch: z.int() })
const MAX_LIMIT_MS = 3_600_000
const limitMs = z.int().min(1).max(MAX_LIMIT_MS)

/** The agent's whole API. Each method says whether it is idempotent and whether it needs a lease. */
export const router = t.router({
  ...boardCalls,
  ...bootLoaderCalls,
  ...consoleCalls,
  ...fileCalls,
  ...leaseCalls,

  /** Waits until the board is provisioned and tells what is on it. Idempotent; needs a lease. */
  attach: call.input(underLease).query(async ({ ctx, input }) => {
    const lease = ctx.agent.find(input.board, input.epoch)
    await abortable(lease.ready.promise, ctx.gone)
    const { board, live, facts } = lease
    return {
      board: board.name,
      type: board.type.name,
      traits: [...board.traits],
      twin: board.spec.twin,
      route: board.spec.shell?.route ?? null,
      user: board.spec.login.user,
      rootDevice: board.type.rootDevice.source,
      insideDevice: board.type.insideDevice?.source ?? null,
      hasConsole: live.console !== undefined,
      bootLoader: live.bootLoader.kind,
      builds: board.spec.builds ?? null,
      updates: board.spec.update !== undefined,
      hasFlasher: board.wired.flasher !== undefined,
      limitsMs: live.limitsMs,
      poweredOnAt: live.poweredOnAt,
      ...facts,
    }
  }),

  /**
   * Marks the beginning of a test, on a board that is brought back to trust first where it has to be. `blocked`: why nothing
   * helped. Needs a lease.
   */
  beginTest: call.input(underLease).mutation(async ({ ctx, input }) => {
    const { live, facts } = ctx.agent.find(input.board, input.epoch)
    // Whoever left it at the prompt of its boot loader is gone, and could not boot it again.
    if (live.bootLoader.present) await live.bootLoader.boot(ctx.gone)
    const lost = await live.trust.beginTest(ctx.gone)
    facts.bootId = live.trust.bootId ?? facts.bootId
    return { from: live.recording.end, blocked: lost?.record() ?? null, bootId: facts.bootId }
  }),

  /** What the console said during a test, and the trouble the board got into. Idempotent; needs a lease. */
  endTest: call.input(underLease.extend({ from: z.int() })).mutation(async ({ ctx, input }) => {
    const { live } = ctx.agent.find(input.board, input.epoch)
    // Harm that the kernel survived is this test's as well: it ran when that happened.
    const trouble = (await live.trust.endTest(ctx.gone)) ?? live.feed?.trouble.harmSince(input.from)
    return {
      slice: { from: input.from, to: live.recording.end },
      trouble: trouble?.record() ?? null,
      lines: quote(live),
    }
  }),

  /** Bytes [from, to) of the recording, base64. Idempotent; needs no lease. */
  consoleSlice: call.input(onBoard.extend({ from: z.int(), to: z.int().optional() })).query(({ ctx, input }) => {
    const recording = ctx.agent.peek(input.board)?.live.recording
    return { end: recording?.end ?? 0, base64: recording?.slice(input.from, input.to).toString('base64') ?? '' }
  }),

  /** Waits for a pattern at or after an offset. Idempotent; needs a lease. */
  consoleExpect: call
    .input(underLease.extend({ source: z.string(), flags: z.string(), from: z.int(), limitMs }))
    .query(async ({ ctx, input }) => {
      const console = consoleOf(ctx.agent, input)
      const pattern = new RegExp(input.source, input.flags)
      refuseEndOfText(pattern)
      return console.expect(pattern, {
        from: input.from,
        limitMs: input.limitMs,
        signal: ctx.gone,
        late: () =>
          new Fault('product/hang', {
            expected: `the console to print /${input.source}/ within ${input.limitMs} ms`,
            seen: 'it did not',
            evidence: quote(ctx.agent.find(input.board, input.epoch).live),
          }),
      })
    }),

  /** Writes to the console. Needs a lease. */
  consoleWrite: call.input(underLease.extend({ text: z.string() })).mutation(async ({ ctx, input }) => {
    await consoleOf(ctx.agent, input).write(input.text)
  }),

  /** Runs a command on the host or in a guest, over SSH or the serial console. Needs a lease. */
  run: call
    .input(
      underLease.extend({
        by: z.enum(['ssh', 'serial']),
        guest: z.string().optional(),
        argv: z.array(z.string()).min(1),
        input: z.base64().optional(),
        limitMs,
      }),
    )
    .mutation(async ({ ctx, input }) => {
      const { live } = ctx.agent.find(input.board, input.epoch)
      const place = { by: input.by, ...(input.guest !== undefined && { guest: input.guest }) }
      const result = await live.run(place, input.argv, {
        limitMs: input.limitMs,
        signal: ctx.gone,
        ...(input.input !== undefined && { input: Buffer.from(input.input, 'base64') }),
      })
      return { ...result, stdout: result.stdout.toString('base64'), stderr: result.stderr.toString('base64') }
    }),

  /** Reboots the board: by its own system, or `hard` by its power. Answers when it is up again. Needs a lease. */
  reboot: call.input(underLease.extend({ how: z.enum(['soft', 'hard']) })).mutation(async ({ ctx, input }) => {
    const { live, facts } = ctx.agent.find(input.board, input.epoch)
    live.bootLoader.assertLeft()
    const reboot = await live.trust.reboot(input.how, ctx.gone)
    facts.bootId = reboot.bootId
    return reboot
  }),

  /** From now on nobody knows what state the board is in; the next test restores trust first. Idempotent; needs a lease. */
  doubt: call.input(underLease.extend({ why: z.string().min(1).max(500) })).mutation(({ ctx, input }) => {
    ctx.agent.find(input.board, input.epoch).live.trust.doubt(input.why)
  }),

  /** Closes the connections to a guest that is stopped on purpose: the next command opens new ones. Idempotent; needs a lease. */
  leaveGuest: call
    .input(underLease.extend({ guest: z.string() }))
    .mutation(({ ctx, input }) => ctx.agent.find(input.board, input.epoch).live.leaveGuest(input.guest)),

  /** Opens a port on this host's 127.0.0.1 that leads to one of a guest's; it closes with this connection. Needs a lease. */
  openTunnel: call
    .input(underLease.extend({ guest: z.string(), port: z.int().min(1).max(65_535) }))
    .mutation(async ({ ctx, input: { board, epoch, guest, port } }) => {
      const { live } = ctx.agent.find(board, epoch)
      const alive = AbortSignal.any([live.vitals.signal, ctx.gone])
      return { port: await openTunnel(await live.shell({ by: 'ssh', guest }, alive), port, alive) }
    }),

  /** Tries a login over SSH that should be refused: the server's answer is the result, not a fault. Needs a lease. */
  trySsh: call
    .input(underLease.extend({ user: z.string(), password: z.string(), limitMs: z.int().min(1).optional() }))
    .mutation(({ ctx, input }) => {
      const { live } = ctx.agent.find(input.board, input.epoch)
      return live.trySsh(input.user, input.password, ctx.gone, input.limitMs)
    }),

  /** Has a program of this host update the board, or take that back; its exit code is a result. Needs a lease. */
  update: call.input(underLease.extend({ action: z.enum(['switch', 'rollback']) })).mutation(({ ctx, input }) => {
    const { live } = ctx.agent.find(input.board, input.epoch)
    return updateBoard(live.board, input.action, AbortSignal.any([live.vitals.signal, ctx.gone]))
  }),

  /** Reads the power. Idempotent; needs a lease. */
  powerState: call.input(underLease).query(async ({ ctx, input }) => ({
    state: await ctx.agent.find(input.board, input.epoch).live.powerState(ctx.gone),
  })),
})

export type Router = typeof router

function consoleOf(agent: Agent, { board, epoch }: { board: string; epoch: number }) {
  const { console } = agent.find(board, epoch).live
  if (!console) throw new Fault('test/misuse', { expected: 'a board with a console', seen: `${board} has none wired` })
  return console
}
