const BEAT_MS = 500
/** No work of ours keeps its own process from a beat for so long. */
const STILL_MS = 2000

let lastMs = performance.now()
let stillMs = 0
let timer: NodeJS.Timeout | undefined

/**
 * For how long this process has stood still since it was first asked: stopped, starved of its processor, suspended.
 *
 * What it waits for goes on meanwhile, and its answers lie unread: nobody else is to blame for that time. Units: ms. Limits:
 * what is shorter than 2 s counts as running.
 */
export function stoodStillMs(): number {
  // Keeps no process alive.
  timer ??= setInterval(beat, BEAT_MS).unref()
  beat()
  return stillMs
}

function beat(): void {
  const nowMs = performance.now()
  const gapMs = nowMs - lastMs
  lastMs = nowMs
  if (timer && gapMs >= STILL_MS) stillMs += gapMs - BEAT_MS
}
