import type { Rules } from '../../model/lease/words.ts'
import type { Chance } from '../lab/chance.ts'
import { AGENT_FAULTS, CLIENT_FAULTS, type AgentFault, type ClientFault, type Planned } from '../lab/faults.ts'

/** A bench with an agent, and who wants its boards. */
export interface PlannedAgent {
  readonly faults: readonly Planned<AgentFault>[]
  readonly errands: readonly PlannedErrand[]
  /** Shorter than usual, so that an hour shows what a week does. */
  readonly rules: Partial<Rules>
}

/** Somebody who needs boards for a while. */
export interface PlannedErrand {
  readonly name: string
  readonly user: string
  readonly startMs: number
  /** `run`: one board, as long as it is connected; `hold`: boards for a time, all of them at once. */
  readonly as: 'run' | 'hold'
  /** Boards, or their type. */
  readonly wants: readonly string[]
  readonly priority: number
  readonly waitMs: number | null
  readonly workMs: number
  readonly forMs: number
  /** How a hold ends. */
  readonly ends: 'released' | 'handed' | 'forgotten'
  /** Whether it asks where it stands. */
  readonly watches: boolean
  /** So long after its end it calls once more, as if nothing had happened. */
  readonly strayMs: number | undefined
  readonly faults: readonly Planned<ClientFault>[]
}

export const RULES_OF_SEEDS = { ageStepMs: 60_000, graceMs: 20_000, fairStepMs: 10_000 } as const

const USERS = ['alice', 'bob', 'carol'] as const
const MINUTE_MS = 60_000
/** In the first so many ms people come. */
const BUSY_MS = 4 * MINUTE_MS
const INTENSITIES = [0.06, 0.12, 0.3] as const
/** Somebody always asks for a type: that of all boards. */
export const TYPE = 'nuc'

/** `calm`: nothing goes wrong, and all that is seen is how many want the same boards. */
export function planAgent(chance: Chance, names: readonly string[], calm: boolean): PlannedAgent {
  const intensity = calm ? 0 : chance.pick(INTENSITIES)
  const errands = Array.from({ length: 4 + chance.below(12) }, (_, n) => planErrand(`errand-${n + 1}`, chance, names))
  const faults: Planned<AgentFault>[] = []
  for (const kind of AGENT_FAULTS)
    if (chance.happens(intensity))
      for (let times = 1 + chance.below(2); times > 0; times--)
        faults.push({ kind, atMs: chance.between(0, BUSY_MS), amount: amountOf(kind, chance) })
  for (const kind of CLIENT_FAULTS) {
    if (!chance.happens(intensity)) continue
    for (const errand of errands)
      if (chance.happens(0.4)) {
        const atMs = errand.startMs + chance.between(0, errand.workMs + MINUTE_MS)
        errand.faults.push({ kind, atMs, amount: amountOf(kind, chance) })
      }
  }
  return { faults, errands, rules: RULES_OF_SEEDS }
}

function planErrand(
  name: string,
  chance: Chance,
  names: readonly string[],
): PlannedErrand & { faults: Planned<ClientFault>[] } {
  const as = chance.happens(0.6) ? 'run' : 'hold'
  const some = names.filter(() => chance.happens(0.5))
  const named = as === 'hold' && chance.happens(0.6) ? some : []
  const one = as === 'hold' && chance.happens(0.3) ? TYPE : chance.pick(names)
  return {
    name,
    user: chance.pick(USERS),
    startMs: chance.between(0, BUSY_MS),
    as,
    wants: named.length > 0 ? named : [one],
    priority: chance.happens(0.25) ? chance.below(10) : 5,
    waitMs: chance.happens(0.3) ? Math.round(chance.between(0, 3 * MINUTE_MS)) : null,
    workMs: chance.magnitude(1000, 2 * MINUTE_MS),
    forMs: Math.round(chance.magnitude(5000, 3 * MINUTE_MS)),
    ends: chance.pick(['released', 'released', 'handed', 'forgotten'] as const),
    watches: chance.happens(0.3),
    strayMs: chance.happens(0.4) ? chance.magnitude(10, MINUTE_MS) : undefined,
    faults: [],
  }
}

/** How long or how much, from the least to the most. */
const AMOUNTS: Record<AgentFault | ClientFault, readonly [number, number]> = {
  // Until it is started again.
  'agent-killed': [100, 40_000],
  'agent-killed-writing': [100, 40_000],
  'agent-interrupted': [100, 40_000],
  'agent-drained': [100, 10_000],
  'host-loses-power': [15_000, 60_000],
  'agent-stands-still': [50, 90_000],
  'book-disk-full': [100, 60_000],
  'book-disk-slow': [20, 20_000],
  'book-disk-fails': [1, 20_000],
  'board-quarantined': [1000, 120_000],
  'lease-taken-away': [1, 2],
  'client-killed': [1, 2],
  'client-interrupted': [1, 2],
  'client-stands-still': [50, 120_000],
  'connection-cut': [1, 10_000],
  'connection-half-open': [1, 2],
  'calls-delayed': [5, 20_000],
  'calls-doubled': [5, 20_000],
}

function amountOf(kind: AgentFault | ClientFault, chance: Chance): number {
  return chance.magnitude(...AMOUNTS[kind])
}
