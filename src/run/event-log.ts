import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Clock } from '../base/time.ts'
import { diskFault, isFull } from '../base/disk.ts'
import { Fault } from '../base/fault.ts'
import { shortPath } from '../base/paths.ts'
import type { NewEvent, RunEvent } from '../model/event.ts'
import type { RunMeans } from './run-means.ts'

export type EventListener = (event: RunEvent) => void

/** A run's log: every event gets its time, one line of `run.jsonl`, and is told to whoever listens. */
export class EventLog implements Disposable {
  readonly events: RunEvent[] = []
  readonly #clock: Clock
  readonly #fd: number
  readonly #writePart: RunMeans['write']
  readonly #listeners: readonly EventListener[]
  #offset = 0

  /** Errors: `configuration/report-dir` where no log can be begun; `infrastructure/disk-full`. */
  constructor(path: string, clock: Clock, listeners: readonly EventListener[], write: RunMeans['write'] = writeSync) {
    this.#writePart = write
    this.#fd = begin(path)
    this.#clock = clock
    this.#listeners = listeners
  }

  /** Errors: `infrastructure/disk-full`, with no half line left behind that would hide the ones before it. */
  emit(event: NewEvent): void {
    const timed = { at: new Date(this.#clock.nowMs()).toISOString(), ...event } as RunEvent
    this.events.push(timed)
    try {
      // Kept before it is told: a kill in between must not take back what somebody has heard.
      // Progress is for whoever watches now; thousands of such lines would only bury the others.
      if (event.type !== 'progress') this.#write(Buffer.from(`${JSON.stringify(timed)}\n`))
    } finally {
      for (const listener of this.#listeners) listener(timed)
    }
  }

  [Symbol.dispose](): void {
    try {
      fdatasyncSync(this.#fd)
    } finally {
      closeSync(this.#fd)
    }
  }

  #write(line: Buffer): void {
    try {
      let done = 0
      while (done < line.length) done += this.#writePart(this.#fd, line, done, line.length - done, this.#offset + done)
      this.#offset += line.length
    } catch (cause) {
      // The next line, if there is ever room again, overwrites what was torn.
      throw diskFault(cause)
    }
  }
}

/** Nothing has happened yet: whose folder it is has to be put right before anything does. */
function begin(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, 'wx')
  } catch (cause) {
    if (isFull(cause)) throw diskFault(cause)
    throw new Fault('configuration/report-dir', {
      expected: `to begin the log of a run in ${shortPath(dirname(path))}`,
      seen: (cause as Error).message,
      cause,
    })
  }
}
