import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/base/time.ts'
import type { EventOf, EventType, RunEvent } from '../../src/model/event.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** On a host at its limit too, a board that is well is asked in less. */
const AT_WORK_MS = 2000

/** What is known of a `hil` that ended. */
export interface Ended {
  readonly exitCode: number | null
  readonly events: readonly RunEvent[]
  readonly stdout: string
  readonly stderr: string
}

/** A running `hil`: its events as they come, its end. */
export class HilProcess {
  readonly ended: Promise<Ended>
  readonly events: RunEvent[] = []
  readonly #child: ChildProcess
  readonly #waiting = new Set<() => void>()
  #over: Ended | undefined
  #stderr = ''

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    const child = spawn(`${ROOT}src/cli/hil`, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    let stdout = ''
    let line = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      const lines = (line + text).split('\n')
      line = lines.pop()!
      for (const whole of lines) if (whole.startsWith('{"')) this.events.push(JSON.parse(whole) as RunEvent)
      for (const look of this.#waiting) look()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    const { promise, resolve } = Promise.withResolvers<Ended>()
    this.ended = promise
    child.once('close', exitCode => {
      this.#over = { exitCode, events: this.events, stdout, stderr: this.#stderr }
      resolve(this.#over)
      for (const look of this.#waiting) look()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** What it has complained of so far. */
  get stderr(): string {
    return this.#stderr
  }

  /** How it ended; undefined: it goes on. */
  get over(): Ended | undefined {
    return this.#over
  }

  /** The first event of a type that `matches`; whether it came before or comes yet does not matter. */
  async until<T extends EventType>(
    type: T,
    matches: (event: EventOf<T>) => boolean = () => true,
    limitMs = 60_000,
  ): Promise<EventOf<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<EventOf<T>>()
    const look = (): void => {
      const found = this.events.find(
        (event): event is EventOf<T> => event.type === type && matches(event as EventOf<T>),
      )
      if (found) resolve(found)
      else if (this.#over) reject(new Error(`hil ended before the ${type} event waited for\n${story(this.#over)}`))
    }
    const late = (): void => reject(new Error(`no such ${type} event within ${limitMs} ms\n${tell(this.events)}`))
    // Where this process stood still, `hil` has most likely done so too.
    using _timer = systemClock.after(limitMs, late)
    this.#waiting.add(look)
    look()
    try {
      return await promise
    } finally {
      this.#waiting.delete(look)
    }
  }

  /** Resolves when a test with this title has begun. */
  async testBegins(title: string): Promise<void> {
    await this.until('progress', event => event.stage === 'test' && event.unit === title)
  }

  /** Resolves when a test with this title is at work: before it begins the board is asked whether it can be trusted. */
  async testIsAtWork(title: string): Promise<void> {
    await this.testBegins(title)
    await pause(AT_WORK_MS)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }
}

/** All that a `hil` said, for the message of a failed assertion. */
export function story({ exitCode, events, stderr, stdout }: Ended): string {
  return `exit ${exitCode}\n${events.length > 0 ? tell(events) : stdout}\n${stderr}`
}

function tell(events: readonly RunEvent[]): string {
  return events
    .filter(event => event.type !== 'progress')
    .map(event => JSON.stringify(event).slice(0, 900))
    .join('\n')
}
