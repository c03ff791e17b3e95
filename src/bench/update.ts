import { Fault } from '../base/fault.ts'
import { runProgram, type ProgramResult } from '../base/program.ts'
import type { Board } from './load.ts'

/**
 * Runs the program that the bench file names for updating a board, with the board's address and login in the environment
 * (`HIL_HOST`, `HIL_PORT`, `HIL_USER`, `HIL_PASSWORD`), where no process list shows them. Where that address is a guest's,
 * `HIL_INSIDE` is the host's behind it.
 *
 * Errors: `test/misuse` where none is named; `infrastructure/builder` for a program that does not end or is not there.
 */
export async function updateBoard(
  { name, spec, type }: Board,
  action: 'switch' | 'rollback',
  signal: AbortSignal,
): Promise<ProgramResult> {
  const { update, shell, login } = spec
  if (!update) throw new Fault('test/misuse', { expected: `a way to update ${name}`, seen: 'none in the bench file' })
  const expected = `the program that updates ${name} (update.${action}) to run`
  const late = (): Fault =>
    new Fault('infrastructure/builder', { expected: `${expected} in ${update.limitMs} ms`, seen: 'it did not end' })
  const env = {
    HIL_BOARD: name,
    HIL_HOST: shell?.host ?? '',
    HIL_PORT: String(shell?.port ?? 22),
    HIL_USER: login.user,
    HIL_PASSWORD: login.password ?? '',
    HIL_INSIDE: shell && shell.route !== 'direct' ? (type.inside?.host ?? '') : '',
  }
  const result = await runProgram(update[action], { limitMs: update.limitMs, late, signal, env })
  if (result.exitCode !== 126 && result.exitCode !== 127) return result
  throw new Fault('infrastructure/builder', { expected, seen: result.stderr.trim() || `exit code ${result.exitCode}` })
}
