import type { BenchAgent } from '../../agent/bench-agent.ts'
import { Fault } from '../../base/fault.ts'
import type { Sabotage } from '../sabotage.ts'

/** Plants the bugs of a sabotage in an agent that runs. */
export function spoil(running: BenchAgent, sabotage: Sabotage): void {
  const { agent, desk } = running
  if (sabotage.unfenced) {
    const { held, holder } = desk
    Object.assign(agent, { find: (board: string) => agent.peek(board) ?? fail(board) })
    Object.assign(desk, {
      held: (board: string, epoch: number) => holder.call(desk, board) ?? held.call(desk, board, epoch),
    })
  }
  if (sabotage.namesNothing)
    Object.assign(running, { whyOver: () => new Fault('lease/stale', { expected: 'a lease', seen: 'none' }) })
  const { ask, waiting, queue } = desk
  if (sabotage.givesParts)
    Object.assign(desk, {
      ask: async (...args: Parameters<typeof ask>) => {
        const held = await ask.apply(desk, args)
        return { ...held, grants: held.grants.slice(0, 1) }
      },
    })
  if (sabotage.forgetsWaiters)
    Object.assign(desk, {
      ask: async (...args: Parameters<typeof ask>) => {
        const held = await ask.apply(desk, args)
        return held.sinceMs === held.askedMs ? held : await new Promise(() => undefined)
      },
    })
  if (sabotage.wrongPlaces) {
    Object.assign(desk, { waiting: (id: string) => wrong(waiting.call(desk, id)) })
    Object.assign(desk, { queue: () => queue.call(desk).map(wrong) })
  }
}

function wrong<W extends { readonly place: number } | undefined>(told: W): W {
  return told && { ...told, place: told.place + 1 }
}

function fail(board: string): never {
  throw new Error(`${board} is not open`)
}
