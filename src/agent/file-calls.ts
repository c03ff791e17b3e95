import { z } from 'zod'
import { call } from './trpc.ts'

const copy = z.object({ board: z.string(), epoch: z.int(), from: z.string().min(1), to: z.string().min(1) })

/** The part of the API that copies files over the serial console. Paths that are not the board's are this host's. */
export const fileCalls = {
  /** Sends a file to the board. What was interrupted is gone on with. Idempotent; needs a lease. */
  filePut: call.input(copy).mutation(({ ctx, input: { board, epoch, from, to } }) => {
    const { live } = ctx.agent.find(board, epoch)
    return live.copyFile('put', from, to, { signal: ctx.gone })
  }),

  /** Fetches a file from the board. Idempotent; needs a lease. */
  fileGet: call.input(copy).mutation(({ ctx, input: { board, epoch, from, to } }) => {
    const { live } = ctx.agent.find(board, epoch)
    return live.copyFile('get', from, to, { signal: ctx.gone })
  }),
}
