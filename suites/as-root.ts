import type { BoardShell, CommandResult } from '../fixtures/index.ts'

/** What the debug account of every Ghaf image has; a board with another one lets no suite be root. Source: modules/common/users/admin.nix. */
const DEBUG_PASSWORD = 'ghaf'

/** Runs a command as root. The password goes through standard input: a command line would be recorded. */
export function asRoot(
  shell: BoardShell,
  argv: readonly string[],
  options: { limitMs?: number } = {},
): Promise<CommandResult> {
  return shell.run(['sudo', '-S', '-p', '', ...argv], { ...options, input: `${DEBUG_PASSWORD}\n` })
}
