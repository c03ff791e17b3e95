import { parkOne } from '../../agent/guardian/park.ts'
import type { World } from '../sim-run.ts'

/** What the guardian beside a killed process does: the real one, but for its process. */
export async function guard(
  { bench, locks, spawn }: Pick<World, 'bench' | 'locks' | 'spawn'>,
  name: string,
  watched: readonly string[],
): Promise<void> {
  const guardian = spawn(name)
  const boards = bench.boards.filter(board => watched.includes(board.name))
  const means = { clock: guardian.clock, locks: locks.for(guardian) }
  await Promise.all(boards.map(board => parkOne(board, means).catch(() => undefined)))
}
