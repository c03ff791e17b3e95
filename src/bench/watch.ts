import { describeHolder } from './lock.ts'
import type { ConsoleFeed } from './console-feed.ts'
import type { FaultRecord } from '../base/fault.ts'

/** What a watcher sees at once: enough for a fast one, little enough for anybody's memory. */
const MAX_LOOK_BYTES = 64 << 10
/** How far a watcher may lag behind before it is told to skip. */
const MAX_LAG_BYTES = 1 << 20
const MAX_SCREEN_BYTES = 32 << 10

export interface WatchRequest {
  /** Where the watcher has come to; absent: it wants the last lines first. */
  readonly from?: number | undefined
  readonly lastLines: number
  /** The state the watcher knows, by its `key`. */
  readonly key?: string | undefined
  /** How long to wait for something new. */
  readonly waitMs: number
}

/** What is known about a console, beside what it says. */
export interface ConsoleState {
  readonly device: string
  /** Who may write, and why they took it; null: nobody claimed it. */
  readonly writer: { readonly pid: number; readonly name: string; readonly reason: string | null } | null
  /** Why the line is away at the moment. */
  readonly away: string | null
  readonly trouble: FaultRecord | null
}

export interface Look {
  /** The bytes [from, to) of the recording. */
  readonly from: number
  readonly to: number
  readonly bytes: Buffer
  /** How many bytes a slow watcher has missed in front of these. */
  readonly skippedBytes: number
  readonly state: ConsoleState
  readonly key: string
}

/**
 * What a watcher has not seen yet, at once when there is some, or as soon as there is.
 *
 * A watcher that pulls costs nothing while it does not: the recording is its only buffer, and who is too far behind
 * begins again near the end.
 */
export async function lookAt(feed: ConsoleFeed, request: WatchRequest, signal: AbortSignal): Promise<Look> {
  const from = request.from ?? lastLinesFrom(feed, request.lastLines)
  const isNew = (): boolean => feed.end() > from || keyOf(stateOf(feed)) !== request.key || feed.over
  if (!isNew()) await somethingNew(feed, isNew, request.waitMs, signal)
  const end = feed.end()
  const near = end - from > MAX_LAG_BYTES ? end - MAX_LOOK_BYTES : Math.min(from, end)
  // Who comes back from an older lease goes on where this one begins.
  const start = Math.max(near, feed.recording.begin)
  const bytes = feed.slice(start, Math.min(end, start + MAX_LOOK_BYTES))
  const state = stateOf(feed)
  const skippedBytes = start - Math.min(from, end)
  return { from: start, to: start + bytes.length, bytes, skippedBytes, state, key: keyOf(state) }
}

function stateOf(feed: ConsoleFeed): ConsoleState {
  const { present } = feed.claims
  return {
    device: feed.device,
    writer: present
      ? { pid: present.claimant.pid, name: describeHolder(present.claimant), reason: present.reason ?? null }
      : null,
    away: feed.away ?? null,
    trouble: feed.vitals.trouble?.record() ?? null,
  }
}

function keyOf({ device, writer, away, trouble }: ConsoleState): string {
  return JSON.stringify([device, writer, away, trouble && [trouble.code, trouble.seen]])
}

async function somethingNew(
  feed: ConsoleFeed,
  isNew: () => boolean,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const look = (): void => {
    if (isNew()) resolve()
  }
  using _bytes = feed.recording.follow(look)
  using _state = feed.onChange(look)
  using _limit = feed.clock.after(waitMs, resolve)
  // A trouble, or a new session of the board: a look at its new signal will tell more.
  const alive = feed.vitals.signal
  const onAbort = (): void => resolve()
  if (!alive.aborted) alive.addEventListener('abort', onAbort, { once: true })
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (!signal.aborted) await promise
  } finally {
    alive.removeEventListener('abort', onAbort)
    signal.removeEventListener('abort', onAbort)
  }
  signal.throwIfAborted()
}

/** Where the last lines begin, as far back as a screen reasonably holds. */
function lastLinesFrom(feed: ConsoleFeed, lines: number): number {
  const end = feed.end()
  const bytes = feed.slice(Math.max(0, end - MAX_SCREEN_BYTES))
  let at = bytes.length
  // The unfinished line counts as one.
  for (let n = 0; n < lines && at > 0; n++) at = bytes.lastIndexOf('\n', at - 1)
  return end - bytes.length + Math.max(0, at + 1 > bytes.length ? bytes.length : at + 1)
}
