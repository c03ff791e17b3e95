import { existsSync, readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Fault } from '../base/fault.ts'

const BENCHES = fileURLToPath(new URL('../../devices/benches', import.meta.url))

/** The bench file a person means: a name in `devices/benches`, or a path. Errors: `configuration/unknown-bench`. */
export function benchPath(nameOrPath: string): string {
  const named = join(BENCHES, `${nameOrPath}.yaml`)
  if (existsSync(named)) return named
  if (existsSync(nameOrPath)) return resolve(nameOrPath)
  throw new Fault('configuration/unknown-bench', {
    expected: `a bench '${nameOrPath}'`,
    seen: `benches ${knownBenches().join(', ')}, and no such file`,
  })
}

/**
 * Where a board keeps what outlives a process: sockets, counters, what was flashed last.
 *
 * `HIL_STATE_DIR`, or a folder of this user in /tmp (never on a network disk: it holds sockets).
 */
export function stateDirOf(bench: string, board: string): string {
  return join(process.env.HIL_STATE_DIR ?? `/tmp/hil-${process.getuid?.() ?? 0}`, bench, board)
}

/** The benches that come with the project, by name. */
function knownBenches(): string[] {
  return readdirSync(BENCHES)
    .filter(file => file.endsWith('.yaml'))
    .map(file => basename(file, '.yaml'))
}
