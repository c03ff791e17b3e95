/** The generations of a system profile, oldest first, and which of them is current. */
export interface Generations {
  readonly numbers: readonly number[]
  readonly current: number | undefined
}

/** Reads `nix-env --list-generations`. Lines of another form do not count. */
export function generationsIn(listing: string): Generations {
  const rows = [...listing.matchAll(/^ *(\d+) +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d *(\(current\))? *$/gm)]
  const current = rows.filter(row => row[2] !== undefined).map(row => Number(row[1]))
  return { numbers: rows.map(row => Number(row[1])), current: current.length === 1 ? current[0] : undefined }
}

/** What a board says of the system that it runs. */
export interface RunningSystem extends Generations {
  /** Where `/run/current-system` leads. */
  readonly path: string
  readonly bootId: string
  readonly hostname: string
}

/** Why an update is none; empty when it is one: a new generation, current and running, on the same board without a reboot. */
export function updateFlaws(before: RunningSystem, after: RunningSystem): string[] {
  const flaws: string[] = []
  const say = (wrong: boolean, flaw: string): void => void (wrong && flaws.push(flaw))
  const newest = after.numbers.at(-1)
  say(
    after.numbers.length !== before.numbers.length + 1,
    `${after.numbers.length - before.numbers.length} new generations`,
  )
  say(newest === undefined || before.numbers.includes(newest), 'the newest generation was there before')
  say(after.current !== newest, `generation ${after.current} is current, not the new one`)
  say(after.path === before.path, `the running system is still ${after.path}`)
  say(after.bootId !== before.bootId, 'the board was booted meanwhile')
  say(after.hostname !== before.hostname, `its name changed from ${before.hostname} to ${after.hostname}`)
  return flaws
}

/** Why a board is not back where it was before an update; empty when it is. */
export function rollbackFlaws(before: RunningSystem, after: RunningSystem): string[] {
  const flaws: string[] = []
  if (after.current !== before.current) flaws.push(`generation ${after.current} is current, not ${before.current}`)
  if (after.path !== before.path) flaws.push(`the running system is ${after.path}, not ${before.path}`)
  if (after.bootId !== before.bootId) flaws.push('the board was booted meanwhile')
  return flaws
}
