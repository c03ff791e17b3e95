import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { Fault } from '../../../base/fault.ts'
import type { Clock } from '../../../base/time.ts'
import { qemuArguments, qemuFor, type MachinePlan } from './machines.ts'
import { livePid, sendSignal } from './process.ts'
import { askQmp } from './qmp.ts'

/** Where a QEMU runs, and where what it says goes. */
export interface Place {
  readonly folder: string
  readonly log: string
  readonly clock: Clock
}

/**
 * Starts a QEMU that outlives this process, and waits until it answers.
 *
 * QEMU locks its pid file, so that of two processes that start a board at once only one succeeds.
 * Errors: `infrastructure/power`, with what QEMU said. Nothing of it runs then.
 */
export async function startQemu(plan: MachinePlan, { folder, log, clock }: Place, signal: AbortSignal): Promise<void> {
  const logFd = openSync(log, 'w', 0o600)
  const child = spawn(qemuFor(plan.options.machine), qemuArguments(plan), {
    detached: true,
    stdio: ['ignore', logFd, logFd],
    cwd: folder,
  })
  closeSync(logFd)
  child.unref()
  const outcome: { failure?: string } = {}
  child.once('error', error => (outcome.failure = error.message))
  child.once('exit', (code, by) => (outcome.failure ??= `QEMU ended with ${by ?? `exit code ${code}`}`))
  const end = clock.ticksMs() + START_LIMIT_MS
  while (outcome.failure === undefined && clock.ticksMs() < end && !signal.aborted) {
    if (await answers(plan, child.pid, signal)) return
    await clock.sleep(POLL_MS)
  }
  if (outcome.failure === undefined && child.pid !== undefined) sendSignal(child.pid, 'SIGKILL')
  signal.throwIfAborted()
  throw new Fault('infrastructure/power', {
    expected: `QEMU to start as ${plan.board}`,
    seen: outcome.failure ?? `no answer in ${START_LIMIT_MS} ms`,
    next: 'see the reason quoted; a port or a disk may be in use by another QEMU',
    evidence: logTail(log),
  })
}

/** The last lines QEMU wrote. */
export function logTail(path: string): string[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-10)
}

const START_LIMIT_MS = 15_000
const POLL_MS = 5

async function answers(
  { pidFile, qmpSocket }: MachinePlan,
  pid: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  // The socket of a QEMU that was killed may still lie there: only the new one's own pid proves it is the new one's.
  if (livePid(pidFile, pidFile) !== pid || !existsSync(qmpSocket)) return false
  return await askQmp(qmpSocket, 'query-status', signal).then(
    () => true,
    () => false,
  )
}
