import type { Agent } from './agent.ts'
import { TRUSTED } from './caller.ts'
import { router, type Router } from './router.ts'

/** The API of an agent as a test's process calls it, without a socket in between. Errors: those of the calls. */
export interface InProcess extends Disposable {
  readonly api: ReturnType<Router['createCaller']>
}

/** Connects to an agent of this process; to dispose it is to hang up. */
export function connectInProcess(agent: Agent): InProcess {
  const gone = new AbortController()
  const context = { agent, gone: gone.signal, claims: new Map(), caller: TRUSTED, bench: undefined }
  return {
    api: router.createCaller(context),
    [Symbol.dispose]: () => gone.abort(new Error('the caller hung up')),
  }
}
