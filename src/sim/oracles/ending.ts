import type { SeedOutcome } from '../world.ts'

/** (c) Every run ends in its budget, every lease is given back, every board is off. */
export function ending(outcome: SeedOutcome): string[] {
  const { runs, locks, lab, ended, uncaught, met } = outcome
  const complaints: string[] = []
  if (ended !== 'over')
    complaints.push(
      ended === 'late' ? 'the runs do not end in their budget' : 'a run waits for something that nobody will ever do',
    )
  for (const run of runs) {
    if (run.failure !== undefined) complaints.push(`${run.planned.name} throws ${run.failure.stack}`)
    if (!run.isOver) complaints.push(`${run.planned.name} is not over`)
    for (const board of run.leftOn)
      if (![...(met.get(board) ?? [])].some(kind => kind.startsWith('relay-')))
        complaints.push(`${board} was still on 10 s after ${run.planned.name} was killed`)
  }
  for (const { planned, isOver } of outcome.errands) if (!isOver) complaints.push(`${planned.name} is not over`)
  for (const error of uncaught) complaints.push(`nobody caught ${error instanceof Error ? error.stack : String(error)}`)
  if (ended !== 'over') return complaints
  for (const name of locks.names) complaints.push(`a lease was not given back: ${name.replaceAll('\0', '')}`)
  for (const board of lab.boards.values()) {
    const kinds = met.get(board.name)
    // A relay that does not switch is not to be switched; one that says that it does not is to be told of.
    if (!board.isOn || kinds?.has('relay-lies') || outcome.left.has(board.name)) continue
    if (!kinds?.has('relay-sticks')) complaints.push(`${board.name} is left on`)
    else if (
      !runs.some(
        run => run.events.some(e => e.type === 'fault' && e.fault.code === 'infrastructure/power') || run.killedAtMs,
      )
    )
      complaints.push(`${board.name} is left on, and nobody says so`)
  }
  return complaints
}
