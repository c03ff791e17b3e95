import { z } from 'zod'
import type { BootLoader } from '../bench/boot-loader.ts'
import type { Agent } from './agent.ts'
import { call } from './trpc.ts'

const underLease = z.object({ board: z.string(), epoch: z.int() })
const command = underLease.extend({ line: z.string().min(1), limitMs: z.int().min(1).max(3_600_000) })
const variable = underLease.extend({ name: z.string() })

/** The part of the API that drives a board's boot loader. Each call needs a lease. */
export const bootLoaderCalls = {
  /** Power-cycles the board into its boot loader's prompt. */
  loaderEnter: call.input(underLease).mutation(({ ctx, input }) => loaderOf(ctx.agent, input).enter(ctx.gone)),

  /** Boots on to the login prompt; nothing to do where the board does not stand at the prompt. Idempotent. */
  loaderBoot: call.input(underLease).mutation(async ({ ctx, input }) => {
    const loader = loaderOf(ctx.agent, input)
    if (loader.present) await loader.boot(ctx.gone)
  }),

  /** Runs a line of the boot loader's own commands. */
  loaderRun: call.input(command).mutation(({ ctx, input }) => {
    const { line, limitMs } = input
    return loaderOf(ctx.agent, input).uBoot.run(line, { limitMs, signal: ctx.gone })
  }),

  /** A variable of the boot loader's environment; null when there is none: it is typed at the prompt. Idempotent. */
  loaderGetEnv: call
    .input(variable)
    .mutation(
      async ({ ctx, input }) =>
        (await loaderOf(ctx.agent, input).uBoot.getEnv(input.name, { signal: ctx.gone })) ?? null,
    ),

  /** Sets a variable, or removes it with null; `save` keeps it over a power cycle. Idempotent. */
  loaderSetEnv: call
    .input(variable.extend({ value: z.string().nullable(), save: z.boolean().default(false) }))
    .mutation(({ ctx, input }) => {
      const { name, value, save } = input
      return loaderOf(ctx.agent, input).uBoot.setEnv(name, value ?? undefined, { save, signal: ctx.gone })
    }),
}

function loaderOf(agent: Agent, { board, epoch }: { board: string; epoch: number }): BootLoader {
  return agent.find(board, epoch).live.bootLoader
}
