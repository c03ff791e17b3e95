/** Of the four threads that Node.js has for files by default, consoles are read and written with the same ones. */
const MAX_AT_ONCE = 2

let running = 0
const waiting: (() => void)[] = []

/**
 * Runs `work` when it is its turn. However many recordings share a disk that hangs, some threads stay free: else no
 * console of this process would be read any more.
 */
export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running === MAX_AT_ONCE) await new Promise<void>(resolve => waiting.push(resolve))
  else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
