import { initTRPC, type TRPCError } from '@trpc/server'
import { asFault, Fault } from '../base/fault.ts'
import type { Claim } from '../bench/claims.ts'
import type { Agent } from './agent.ts'

/** One connection: what it may do ends with it. */
export interface RouterContext {
  readonly agent: Agent
  /** Aborts when the connection ends: what its caller waited for is then nobody's business any more. */
  readonly gone: AbortSignal
  /** The consoles it may write to, by board. */
  readonly claims: Map<string, Claim>
}

export const t = initTRPC.context<RouterContext>().create({
  // A fault crosses the socket as what it is; see `client.ts` for the other end.
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    data: { ...shape.data, fault: faultOf(error).record() },
  }),
})

/** Lets the handler throw faults: tRPC keeps a thrown error as `cause`. */
export const call = t.procedure

function faultOf(error: TRPCError): Fault {
  if (error.code !== 'BAD_REQUEST') return asFault(error.cause ?? error)
  return new Fault('test/misuse', { expected: 'arguments of the right form', seen: error.message, cause: error })
}
