import { randomBytes } from 'node:crypto'

/** So many random bytes: a parameter, so that a simulation can repeat itself. */
export type Random = (bytes: number) => Buffer

export const systemRandom: Random = randomBytes
