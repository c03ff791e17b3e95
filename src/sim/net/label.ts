import { AsyncLocalStorage } from 'node:async_hooks'

/** A call that an agent is answering, and whoever made it. */
export interface Label {
  readonly who: string
  readonly path: string
  /** The board and the number of the lease it is made under, where it names them. */
  readonly board: string | undefined
  readonly epoch: number | undefined
  /** The lease it names instead. */
  readonly id: string | undefined
}

/** On whose behalf code runs: all that a call leads to carries its label, however long it waits in between. */
export const labels = new AsyncLocalStorage<Label>()

/** A message as it came over the wire. */
export function labelOf(who: string, text: string): Label {
  const { params } = JSON.parse(text) as { params?: { path?: string; input?: Partial<Label> } }
  const { board, epoch, id } = params?.input ?? {}
  return { who, path: params?.path ?? '', board, epoch, id }
}
