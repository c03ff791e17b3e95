import { classOf } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { BootLimits } from './board-type.ts'

/**
 * The rungs of the way back to a board that can be trusted, cheapest first. `probe` only asks whether it is still as it was;
 * `golden` boots an image known to be good, to tell whose fault it is; after `quarantine` the bench withholds it.
 */
export const RUNGS = ['probe', 'interrupt', 'soft-reboot', 'power-cycle', 'reflash', 'golden', 'quarantine'] as const
export type Rung = (typeof RUNGS)[number]

/** A rung that was tried. `fault`: why it did not help. */
export interface Tried {
  readonly rung: Rung
  readonly fault: FaultCode | null
  readonly durationMs: number
}

/** Why a board is not trusted, and what was done about it so far. */
export interface Plight {
  /** What it is in; null: nothing is known to be wrong, but a session ended uncleanly. */
  readonly trouble: FaultCode | null
  readonly tried: readonly Tried[]
  /** The rungs there are means for: a board without power control has no `power-cycle`. */
  readonly able: ReadonlySet<Rung>
  readonly budget: LadderBudget
}

/** How long each rung may take, and all of them together. */
export interface LadderBudget {
  readonly rungs: Readonly<Record<Rung, number>>
  readonly wholeMs: number
}

/** What to do next. `trusted`: the last rung helped. `lost`: there is nothing left to try. */
export type Step =
  | { readonly do: 'climb'; readonly rung: Rung; readonly limitMs: number }
  | { readonly do: 'trusted' }
  | { readonly do: 'lost'; readonly why: string }

/**
 * The next rung for a board: the lowest one that can help with its trouble and was not tried. Pure.
 *
 * A rung that does not fit into what is left of the budget is not begun: half a power cycle leaves a board dark.
 */
export function nextStep({ trouble, tried, able, budget }: Plight): Step {
  const last = tried.at(-1)
  if (last && last.fault === null) return { do: 'trusted' }
  const first = trouble === null ? 'probe' : firstRung(trouble)
  if (!first) return { do: 'lost', why: `nothing done to the board helps against ${trouble}` }
  if (last?.fault != null && OF_THE_BENCH.has(last.fault))
    return { do: 'lost', why: `nothing done to the board helps against ${last.fault}` }
  const least = last?.fault != null ? (LEAST[last.fault] ?? first) : first
  const from = Math.max(last ? RUNGS.indexOf(last.rung) + 1 : 0, RUNGS.indexOf(least))
  const rung = RUNGS.slice(from).find(rung => able.has(rung))
  if (!rung) return { do: 'lost', why: last ? `${last.rung} was the last that could be tried` : 'there is no means' }
  // Of a board that rebooted by itself the question is whether it comes up.
  const limitMs = budget.rungs[rung === 'probe' && trouble === 'product/rebooted' ? 'soft-reboot' : rung]
  const spentMs = tried.reduce((sum, { durationMs }) => sum + durationMs, 0)
  if (tried.length > 0 && spentMs + limitMs > budget.wholeMs)
    return {
      do: 'lost',
      why: `${rung} may take ${seconds(limitMs)}, and of ${seconds(budget.wholeMs)} only ${seconds(budget.wholeMs - spentMs)} are left`,
    }
  return { do: 'climb', rung, limitMs }
}

/** Where to begin with a trouble; undefined: it is none that can be undone on the board. */
export function firstRung(trouble: FaultCode): Rung | undefined {
  if (trouble in FIRST) return FIRST[trouble]
  // An image that is dead answers no question, whatever killed it.
  return { product: 'power-cycle', infrastructure: 'probe' }[classOf(trouble) as string] as Rung | undefined
}

/** The lowest rung that can help against what the last one met: a dead board hears only its power, a server that is gone is started by a boot. */
const LEAST: { readonly [C in FaultCode]?: Rung } = {
  'product/ssh-closed': 'soft-reboot',
  'product/no-boot': 'power-cycle',
  'product/no-login': 'power-cycle',
  'product/panic': 'power-cycle',
  'product/shutdown': 'power-cycle',
  'product/hang': 'power-cycle',
  'infrastructure/board-gone': 'power-cycle',
}

/** What a rung met that no higher one changes: a cable or a relay has to be put right by somebody. */
const OF_THE_BENCH: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'infrastructure/tty-gone',
  'infrastructure/tty-open',
  'infrastructure/power',
  'infrastructure/disk-full',
  'lease/console-taken',
])

const FIRST: { readonly [C in FaultCode]?: Rung | undefined } = {
  // It boots by itself: whoever waits for its login has it back.
  'product/rebooted': 'probe',
  'product/ssh-closed': 'probe',
  'product/command-timeout': 'probe',
  'infrastructure/board-gone': 'power-cycle',
  'infrastructure/power': 'power-cycle',
  // Of this host, or of its programs: the board has no part in it.
  'infrastructure/disk-full': undefined,
  'infrastructure/agent-gone': undefined,
  'infrastructure/recording-dropped': undefined,
}

const REFLASH_MS = 30 * 60_000

/** The budget of a board, by the limits of its type and unit; `more` are the type's own, where those do not fit. */
export function ladderBudget(limits: BootLimits, more: Partial<Record<Rung | 'whole', number>> = {}): LadderBudget {
  const { boot, login, ssh, off } = limits
  const up = boot + login + ssh
  const rungs: Record<Rung, number> = {
    probe: login,
    interrupt: login + ssh,
    'soft-reboot': up,
    'power-cycle': 2 * off + up,
    reflash: REFLASH_MS + 2 * off + up,
    // The image once more, the golden one, and the image again.
    golden: 2 * REFLASH_MS + 3 * (2 * off + up),
    quarantine: off,
  }
  for (const rung of RUNGS) rungs[rung] = more[rung] ?? rungs[rung]
  return { rungs, wholeMs: more.whole ?? RUNGS.reduce((sum, rung) => sum + rungs[rung], 0) }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
