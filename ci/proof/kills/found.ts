import type { Seen } from './campaign.ts'
import type { Killed } from './round.ts'

/** What many kills came to, in numbers. */
export function foundIn({ killed, failures, disturbed }: Seen) {
  const longest = (of: (one: Killed) => number): number => Math.round(Math.max(0, ...killed.map(of)))
  return {
    kills: killed.length + failures.length,
    disturbedAndRepeated: disturbed,
    longestUntilOffMs: longest(one => one.offMs),
    longestUntilFreeMs: longest(one => one.freeMs),
    byVictim: counted(killed.map(({ victim }) => victim)),
    byPart: counted(killed.map(({ part }) => part)),
    byPlace: counted(killed.map(({ where }) => where)),
  }
}

function counted(words: readonly string[]): Record<string, number> {
  const groups = Map.groupBy(words, word => word)
  return Object.fromEntries([...groups].map(([word, all]) => [word, all.length]))
}
