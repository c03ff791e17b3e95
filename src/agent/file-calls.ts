import { z } from 'zod'
import { Fault } from '../base/fault.ts'
import type { Caller } from './caller.ts'
import { call } from './trpc.ts'

const copy = z.object({ board: z.string(), epoch: z.int(), from: z.string().min(1), to: z.string().min(1) })

/**
 * The part of the API that copies files over the serial console. Paths that are not the board's are this host's, and absolute.
 * Errors: `lease/forbidden` for who comes from another host.
 */
export const fileCalls = {
  /** Sends a file to the board. What was interrupted is gone on with. Idempotent; needs a lease. */
  filePut: call.input(copy).mutation(({ ctx, input: { board, epoch, from, to } }) => {
    mustBeHere(ctx.caller)
    const { live } = ctx.agent.find(board, epoch)
    return live.copyFile('put', from, to, { signal: ctx.gone })
  }),

  /** Fetches a file from the board. Idempotent; needs a lease. */
  fileGet: call.input(copy).mutation(({ ctx, input: { board, epoch, from, to } }) => {
    mustBeHere(ctx.caller)
    const { live } = ctx.agent.find(board, epoch)
    return live.copyFile('get', from, to, { signal: ctx.gone })
  }),
}

/** Who shows a token may be anywhere: a path is no file of theirs, but any that the user of the agent may read or write. */
function mustBeHere({ user }: Caller): void {
  if (user === undefined) return
  throw new Fault('lease/forbidden', {
    expected: 'files to be copied by somebody on the host of the bench',
    seen: `${user}, from another host`,
    next: 'log in on the host of the bench and copy it there: hil put, hil get',
  })
}
