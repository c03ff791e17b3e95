import { spawn } from 'node:child_process'
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Fault } from '../../../base/fault.ts'
import { systemClock, type Clock } from '../../../base/time.ts'
import { hasEnded, livePid, sendSignal } from './process.ts'

/** The two ends of a virtual USB serial adapter. */
export interface Adapter {
  /** What the host opens. */
  readonly host: string
  /** What QEMU opens. */
  readonly board: string
}

/**
 * Plugs in a virtual serial adapter, or finds the one that is plugged in already: a tty that stays while the board's
 * power goes, as a USB adapter does. It outlives this process; `unplug` removes it.
 *
 * Two ptys joined by socat. A helper holds both ends open for writing, because socat gives up at the first end that
 * nobody has open; for writing only, so that it never counts as a reader. What arrives while nobody reads waits in
 * the kernel (some 64 KiB), unlike in real hardware: readers flush when they open.
 */
export async function plug(host: string, stateDir: string, clock: Clock, signal: AbortSignal): Promise<Adapter> {
  const adapter = { host, board: join(stateDir, 'tty.board') }
  const pidFile = pidFileOf(stateDir)
  if (livePid(pidFile, linkArgument(host)) && existsSync(host) && existsSync(adapter.board)) return adapter
  await unplug(stateDir)
  clearLink(host)
  clearLink(adapter.board)
  mkdirSync(dirname(host), { recursive: true })
  const log = join(stateDir, 'adapter.log')
  const logFd = openSync(log, 'w', 0o600)
  // The leader of the new session becomes socat itself; the helper is no leader, so that no tty becomes its
  // controlling terminal, and it ends with socat.
  const script = [
    '( until [ -e "$1" ] && [ -e "$2" ]; do sleep 0.01; done',
    '  exec 7>"$1" 8>"$2"; echo $$ >"$3"; exec tail --pid=$$ -f /dev/null ) &',
    'exec socat -d "$4" "$5"',
  ].join('\n')
  const ends = [linkArgument(host), linkArgument(adapter.board)]
  const child = spawn('/bin/sh', ['-c', script, 'sh', host, adapter.board, pidFile, ...ends], {
    detached: true,
    stdio: ['ignore', logFd, logFd],
    cwd: stateDir,
  })
  closeSync(logFd)
  child.unref()
  child.on('error', () => {})
  const end = clock.ticksMs() + START_LIMIT_MS
  while (livePid(pidFile, linkArgument(host)) === undefined) {
    if (child.exitCode !== null || child.pid === undefined || clock.ticksMs() >= end || signal.aborted) {
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL')
      signal.throwIfAborted()
      throw new Fault('infrastructure/tty-open', {
        expected: `a virtual tty at ${host}`,
        seen: 'socat did not make it',
        evidence: readFileSync(log, 'utf8').split('\n').slice(-10),
      })
    }
    await clock.sleep(5)
  }
  return adapter
}

/** Unplugs the virtual adapter of a board, if there is one: its tty vanishes. */
export async function unplug(stateDir: string): Promise<void> {
  const pid = livePid(pidFileOf(stateDir), 'PTY,link=')
  if (pid !== undefined) {
    sendSignal(-pid, 'SIGTERM')
    if (!(await hasEnded(pid, 'PTY,link=', 2000, systemClock))) sendSignal(-pid, 'SIGKILL')
  }
  rmSync(pidFileOf(stateDir), { force: true })
}

const START_LIMIT_MS = 5000

function pidFileOf(stateDir: string): string {
  return join(stateDir, 'adapter.pid')
}

function linkArgument(path: string): string {
  return `PTY,link=${path},raw,echo=0`
}

/** A socat that was killed leaves its link behind. Anything else at that place is not ours to remove. */
function clearLink(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && !found.isSymbolicLink())
    throw new Fault('infrastructure/tty-open', {
      expected: `room for the virtual tty ${path}`,
      seen: 'something else at that path',
      next: 'remove it, or name another console path in the bench file',
    })
  rmSync(path, { force: true })
}
