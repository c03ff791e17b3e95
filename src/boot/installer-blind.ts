import { readableLines } from '../base/text.ts'
import type { InstallOrder } from '../model/bench-file.ts'
import { installerWords } from './installer.ts'
import { judgeInstall } from './installer/judge.ts'
import type { Ask } from './running.ts'

/**
 * The same as `driveInstaller` where there is no console: its questions are answered ahead of time, on its standard
 * input. What it asks beyond those finds an empty input. Errors: of `ask` and of `judgeInstall`.
 */
export async function installBlindly(
  ask: Ask,
  order: InstallOrder,
  login: { readonly user: string; readonly password?: string | undefined },
) {
  const bySudo = login.user !== 'root'
  // A password that nobody asks for would answer the installer's first question.
  const asksPassword = bySudo && (await ask(['sudo', '-n', 'true'])).exitCode !== 0
  const sudo = bySudo ? ['sudo', ...(asksPassword ? ['-S', '-p', ''] : [])] : []
  const answers = [...(asksPassword ? [login.password ?? ''] : []), order.device, 'y', 'y']
  const command = [...sudo, 'sh', '-c', '"$@"; r=$?; sync; exit $r', 'sh', ...installerWords(order)]
  const { exitCode, stdout, stderr } = await ask(command, Buffer.from(`${answers.join('\n')}\n`))
  judgeInstall(readableLines(Buffer.concat([stdout, Buffer.from('\n'), stderr])), order, exitCode)
}
