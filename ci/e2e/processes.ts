import { readdirSync, readFileSync } from 'node:fs'
import { systemClock } from '../../src/base/time.ts'

/** A process that one lab's programs started, at whatever depth. */
export interface Process {
  readonly pid: number
  readonly command: string
}

/** Every live process with an environment that holds `mark`: detached ones too, which no parent knows any more. */
export function processesWith(mark: string): Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => pid !== process.pid && read(pid, 'environ').split('\0').includes(mark))
    .map(pid => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
    .filter(({ command }) => command !== '')
}

/** Kills one process; that it ended meanwhile is no error. */
export function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until something of the outside world holds: a file, a process. Events have `HilProcess.until`. */
export async function eventually<T>(what: string, look: () => T | undefined | false, limitMs = 20_000): Promise<T> {
  const end = systemClock.ticksMs() + limitMs
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (systemClock.ticksMs() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
