import { setTimeout as pause } from 'node:timers/promises'
import type { RunEvent, Stage } from '../../../src/model/event.ts'
import type { Chance } from '../../../src/sim/lab/chance.ts'
import type { HilProcess } from '../../e2e/hil.ts'

/** Parts of a run that are struck equally often, short ones too: before its first word, and each of its stages. */
export const PARTS = ['start', 'lease', 'flash', 'boot', 'login', 'test', 'release'] as const
export type Part = (typeof PARTS)[number]

/** When in a run something happens: after a share of the time that this part usually takes. */
export interface Moment {
  readonly part: Part
  readonly share: number
}

export function momentOf(chance: Chance): Moment {
  return { part: chance.pick(PARTS), share: chance.next() }
}

/** How long the parts of a run take, learned from the last whole one. */
export class Durations {
  readonly #ms = new Map<Part, number>([
    ['start', 500],
    ['lease', 100],
    ['flash', 500],
    ['boot', 3000],
    ['login', 500],
    ['test', 2000],
    ['release', 500],
  ])

  ms(part: Part): number {
    return this.#ms.get(part)!
  }

  /** `startMs`: how long it took to say its first word. */
  learn(events: readonly RunEvent[], startMs: number): void {
    this.#ms.set('start', startMs)
    const begun = new Map<Stage, number>()
    for (const event of events) {
      if (event.type !== 'stage') continue
      if (event.state === 'begin') begun.set(event.stage, Date.parse(event.at))
      else if (this.#ms.has(event.stage as Part))
        this.#ms.set(event.stage as Part, Date.parse(event.at) - begun.get(event.stage)!)
    }
  }
}

/** Resolves at the moment, or when the run is over before. */
export async function reached(run: HilProcess, { part, share }: Moment, durations: Durations): Promise<void> {
  const begins = part === 'start' ? undefined : run.until('stage', ({ stage }) => stage === part)
  // One that ended before has a story of its own, which is looked at anyway.
  await begins?.catch(() => undefined)
  await Promise.race([run.ended, pause(share * durations.ms(part))])
}

/** Where a run was, by what it said last. */
export function whereOf(events: readonly RunEvent[]): string {
  const last = events.findLast(event => event.type === 'stage')
  if (!last) return 'before its first stage'
  if (events.some(event => event.type === 'run-ended')) return 'after its end'
  return last.state === 'begin' ? last.stage : `behind ${last.stage}`
}
