import type { ChildProcess } from 'node:child_process'

const ASK_AGAIN_MS = 100

/**
 * Ends a program and waits until it is gone; what it made, it removes.
 *
 * Asked again and again: a socat that is just passing bytes on was seen to take SIGTERM and go on (1.7.4.4).
 */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('close', resolve))
  const again = setInterval(() => child.kill('SIGTERM'), ASK_AGAIN_MS)
  child.kill('SIGTERM')
  await gone
  clearInterval(again)
}
