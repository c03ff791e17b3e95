import type { SeedOutcome } from '../world.ts'

/** (b) Nobody ever did something to a board that was not theirs at that instant. */
export function leases({ trespasses }: SeedOutcome): string[] {
  return trespasses.map(
    ({ atMs, who, text }) => `at ${(atMs / 1000).toFixed(3)} s ${text} of ${who}, which it does not hold`,
  )
}
