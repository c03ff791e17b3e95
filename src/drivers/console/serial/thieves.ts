import { realpathSync } from 'node:fs'
import { setImmediate as otherWork } from 'node:timers/promises'
import { systemClock, type Clock } from '../../../base/time.ts'
import { everyPid, openFilesOf, readersAmong, type Reader } from './readers.ts'

/** Told who else reads a port, once for each; undefined: nobody any more. */
type OnThief = (by: string | undefined) => void

interface Port {
  readonly device: string
  readonly onThief: OnThief
  readonly known: Set<string>
}

const LOOK_MS = 2000
/** So often a process is looked at whose number of open files is what it was; one that has just begun, at once. */
const WHOLE_EVERY = 5
/** Looking takes at most this share of a processor core, however many processes a host has: then it looks less often. */
const MAX_SHARE = 1 / 250
/** Other work has its turn after so long. */
const SLICE_MS = 2
/** Who opened a port only to set it, as stty does, is gone by then and has read nothing. */
const CONFIRM_MS = 50

/**
 * Looks for programs that read a port beside this process: bytes that they get are missing in the recording.
 *
 * Linux could keep them out (`TIOCEXCL`), but neither Node.js nor serialport can ask for it, and root would be let in all
 * the same. All ports of the process share one walk through /proc every 2 s. Source: ioctl_tty(2).
 */
class Thieves {
  readonly #clock: Clock
  readonly #ports = new Set<Port>()
  #stop: AbortController | undefined
  #looks = 0
  /** How many files each process had open when it was last looked at. */
  #files: ReadonlyMap<number, number> = new Map()
  #found: ReadonlySet<number> = new Set()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Watches an open port until disposed. */
  watch(path: string, onThief: OnThief): Disposable {
    const port: Port = { device: realPathOf(path), onThief, known: new Set() }
    this.#ports.add(port)
    if (!this.#stop) void this.#watch((this.#stop = new AbortController()).signal)
    return {
      [Symbol.dispose]: () => {
        this.#ports.delete(port)
        if (this.#ports.size > 0) return
        this.#stop?.abort(new Error('no port is open'))
        this.#stop = undefined
      },
    }
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (let waitMs = LOOK_MS; !signal.aborted;) {
      await this.#clock.sleep(waitMs, signal).catch(() => {})
      if (signal.aborted) return
      const { found, tookMs } = await this.#walk(this.#due())
      waitMs = Math.max(LOOK_MS, tookMs / MAX_SHARE)
      if (found.some(reader => this.#isNews(reader))) await this.#clock.sleep(CONFIRM_MS, signal).catch(() => {})
      this.#found = new Set(found.map(({ pid }) => pid))
      const { found: confirmed } = await this.#walk(this.#found)
      for (const port of this.#ports) tell(port, confirmed)
    }
  }

  /** The processes that may have opened something since they were looked at. */
  *#due(): Generator<number> {
    const whole = this.#looks++ % WHOLE_EVERY === 0
    const before = this.#files
    const files = new Map<number, number>()
    this.#files = files
    for (const pid of everyPid()) {
      const count = openFilesOf(pid)
      files.set(pid, count)
      if (whole || count === 0 || count !== before.get(pid) || this.#found.has(pid)) yield pid
    }
  }

  async #walk(pids: Iterable<number>) {
    const devices = new Set([...this.#ports].map(({ device }) => device))
    const found: (Reader & { device: string })[] = []
    let tookMs = 0
    let sinceMs = cpuMs()
    for (const reader of readersAmong(pids, devices)) {
      if (reader && reader.pid !== process.pid) found.push(reader)
      if (cpuMs() - sinceMs < SLICE_MS) continue
      tookMs += cpuMs() - sinceMs
      await otherWork()
      sinceMs = cpuMs()
    }
    return { found, tookMs: tookMs + cpuMs() - sinceMs }
  }

  #isNews(reader: Reader & { device: string }): boolean {
    return [...this.#ports].some(({ device, known }) => device === reader.device && !known.has(nameOf(reader)))
  }
}

/** Those of this process. */
export const thieves = new Thieves(systemClock)

function tell({ device, known, onThief }: Port, readers: readonly (Reader & { device: string })[]): void {
  const present = new Set(readers.filter(reader => reader.device === device).map(nameOf))
  const fresh = [...present].filter(name => !known.has(name))
  const left = known.size > 0 && present.size === 0
  known.clear()
  for (const name of present) known.add(name)
  for (const name of fresh) onThief(name)
  if (left) onThief(undefined)
}

/** One that vanished right behind its opening will be closed, and told then. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** Not the time of day: a busy host must not be looked at less often for it. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function nameOf({ pid, command }: Reader): string {
  return `pid ${pid} (${command})`
}
