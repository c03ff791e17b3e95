import { answered, type AgentClient } from '../../agent/client.ts'
import { router, type Router } from '../../agent/router.ts'

/** The API of an agent as a test's process calls it, over its connection. Errors: those of the calls. */
export interface Session extends Disposable {
  readonly api: ReturnType<Router['createCaller']>
}

/** A connection, each method a function of its input. */
export function callerOver(client: AgentClient): Session {
  const api = new Proxy(
    {},
    {
      get: (_, path: keyof Router['_def']['procedures']) => {
        const kind = router._def.procedures[path]._def.type === 'query' ? 'query' : 'mutate'
        const method = client.api[path] as unknown as Record<string, (input: unknown) => Promise<unknown>>
        return (input: unknown) => answered(method[kind]!(input))
      },
    },
  )
  return { api: api as Session['api'], [Symbol.dispose]: () => client[Symbol.dispose]() }
}
