import { TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import type { WebSocket } from 'ws'
import type { Fault } from '../base/fault.ts'
import type { Router } from './router.ts'

/** What the agent says to a call. Source: https://trpc.io/docs/rpc, whose envelope is that of JSON-RPC 2.0. */
type Answer = { readonly id: number } & (
  | { readonly result: { readonly data?: unknown } }
  | { readonly error: { readonly code: number; readonly message: string; readonly data: object } }
)

/** Of those that JSON-RPC leaves to servers; nobody reads it. */
const NO_ANSWER = -32_000

/**
 * Carries calls over a connection of its own, each as soon as it is made, and fails them all when it ends.
 *
 * tRPC's `wsLink` lets every call wait for a timer, so that others may join it: 1 ms, of which a command over a warm
 * connection takes a third. And it connects again, for ever, where an agent never comes back. Queries and mutations only.
 * `refused`: why there is no connection, which calls then fail with as if the agent had said it.
 */
export function socketLink(socket: WebSocket, refused: () => Fault | undefined): TRPCLink<Router> {
  const calls = new Map<number, (answer: Answer | undefined) => void>()
  let count = 0
  socket.on('message', data => {
    const answer = JSON.parse((data as Buffer).toString()) as Answer
    calls.get(answer.id)?.(answer)
  })
  socket.once('close', () => {
    for (const end of [...calls.values()]) end(undefined)
  })
  const whenOpen = new Promise<void>(resolve => socket.once('open', resolve))
  const send = (text: string): void => {
    if (socket.readyState === socket.OPEN) socket.send(text)
    else if (socket.readyState === socket.CONNECTING) void whenOpen.then(() => send(text))
  }
  return () =>
    ({ op: { path, input, type, signal } }) =>
      observable(observer => {
        const id = ++count
        const end = (): void => {
          signal?.removeEventListener('abort', onAbort)
          calls.delete(id)
        }
        calls.set(id, answer => {
          end()
          // Not completed: who called takes the one value, and tRPC would abort what is over with an error that nobody sees,
          // stack and all: 23 us of each call.
          if (answer && 'result' in answer) observer.next({ result: { type: 'data', data: answer.result.data } })
          else observer.error(TRPCClientError.from(answer ?? ended(refused())))
        })
        const onAbort = (): void => observer.error(TRPCClientError.from(signal?.reason as Error))
        signal?.addEventListener('abort', onAbort, { once: true })
        if (signal?.aborted) onAbort()
        else if (socket.readyState > socket.OPEN) calls.get(id)?.(undefined)
        else send(JSON.stringify({ id, method: type, params: { path, input } }))
        return end
      })
}

/** What a call meets whose connection is no more, or never was. */
function ended(refused: Fault | undefined): Error | { error: { code: number; message: string; data: object } } {
  if (!refused) return new Error('the connection ended')
  return { error: { code: NO_ANSWER, message: refused.message, data: { fault: refused.record() } } }
}
