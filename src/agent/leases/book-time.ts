import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Log } from '../../base/log.ts'
import { replaceFile } from '../../base/replace-file.ts'
import type { Clock } from '../../base/time.ts'

/** Time that no wall clock changes: which boot of a host it is, and how long that has lasted. */
export interface HostTime {
  readonly bootId: string
  /** Without the time in which this process stood still. */
  uptimeMs(): number
  /** That time: another process would count it. */
  stillMs(): number
}

/** What a book may be ahead of by, over a restart of its agent. */
const STILL_STEP_MS = 1000

const Kept = z.strictObject({ bootId: z.string(), startMs: z.number() })

/**
 * The time in which a book's leases are counted: the wall clock of when it was first opened in this boot of the host, and the
 * monotonic one from then on. A clock that is set, while the agent runs or between two of it, ends no lease and prolongs none.
 *
 * It is kept in a file at `path`; where that cannot be, each process begins anew.
 */
export function bookTime(path: string, clock: Clock, log: Log, host: HostTime = thisHost(clock)): () => number {
  const kept = read(path)
  const startMs = startOf(kept, clock, host)
  const keep = (startMs: number): void => {
    try {
      replaceFile(path, JSON.stringify({ bootId: host.bootId, startMs }))
    } catch (error) {
      log.error({ err: error }, 'the time that leases are counted in could not be kept')
    }
  }
  if (startMs !== kept?.startMs) keep(startMs)
  let toldMs = host.stillMs()
  const begunMs = toldMs
  return () => {
    const stillMs = host.stillMs()
    if (stillMs - toldMs >= STILL_STEP_MS) keep(startMs - ((toldMs = stillMs) - begunMs))
    return Math.round(startMs + host.uptimeMs())
  }
}

/** Whether the host has begun anew since a book's time was kept at `path`: it may have lost its power. */
export function hasBootedSince(path: string, clock: Clock, { bootId }: HostTime = thisHost(clock)): boolean {
  return read(path)?.bootId !== bootId
}

/** The same time for whoever only looks: nothing is kept. */
export function bookNowMs(path: string, clock: Clock, host: HostTime = thisHost(clock)): number {
  return Math.round(startOf(read(path), clock, host) + host.uptimeMs())
}

function startOf(kept: z.infer<typeof Kept> | undefined, clock: Clock, host: HostTime): number {
  return kept?.bootId === host.bootId ? kept.startMs : clock.nowMs() - host.uptimeMs()
}

/** Source: proc_sys_kernel(5); CLOCK_MONOTONIC of clock_gettime(2), the same for all processes of a boot. */
function thisHost(clock: Clock): HostTime {
  const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6
  const ahead = monotonicMs() - clock.ticksMs()
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    uptimeMs: () => ahead + clock.ticksMs(),
    stillMs: () => monotonicMs() - ahead - clock.ticksMs(),
  }
}

function read(path: string): z.infer<typeof Kept> | undefined {
  try {
    return Kept.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    // The first of this host, or damaged: the wall clock is all there is.
    return undefined
  }
}
