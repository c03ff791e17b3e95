import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pythonPeer, type Peer } from '../console/peers.ts'
import { LOGIN } from '../lib/tiny-board.ts'
import { textAt } from './commands.ts'

const PEERS = join(import.meta.dirname, 'peers')
/** Longer than any of their own limits for one command. */
const LIMIT_MS = 3_600_000

/** The tools of the field that run commands on a console. */
export function shellPeers(): Peer[] {
  return [
    pythonPeer('labgrid', 'labgrid.driver', join(PEERS, 'labgrid_shell.py')),
    pythonPeer('pexpect', 'pexpect', join(PEERS, 'pexpect_shell.py')),
  ]
}

/** Has a peer log in on a quiet console, start the noise, run text commands and stop the noise; how its answers were. */
export async function askPeer(
  { argv }: Peer,
  tty: string,
  from: number,
  to: number,
): Promise<{ right: number; wrong: number; failed: number }> {
  const commands = Array.from({ length: to - from }, (_, n) => textAt(from + n))
  const [program, ...words] = argv
  const args = [...words, tty, LOGIN.user, LOGIN.password, JSON.stringify(commands.map(({ script }) => script))]
  const { stdout } = await promisify(execFile)(program!, args, { timeout: LIMIT_MS, maxBuffer: 64 << 20 })
  const answers = stdout
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as { exitCode?: number; lines?: string[]; failed?: string })
  const score = { right: 0, wrong: 0, failed: 0 }
  for (const [n, known] of commands.entries()) {
    const { exitCode, lines, failed } = answers[n] ?? { failed: 'no answer' }
    if (failed !== undefined) score.failed++
    else if (exitCode === known.exitCode && sameLines(lines!, known.stdout.toString('latin1'))) score.right++
    else score.wrong++
  }
  return score
}

/** Both tell lines and no more: whether the last of them had an end is not held against them. */
function sameLines(lines: readonly string[], stdout: string): boolean {
  return lines.join('\n').trimEnd() === stdout.trimEnd()
}
