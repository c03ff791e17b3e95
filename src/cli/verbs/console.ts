import { createReadStream, statSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { systemClock } from '../../base/time.ts'
import { holderOf, describeHolder } from '../../bench/lock.ts'
import { boardOf, leaseFor } from '../board-of.ts'

const ESCAPE = 0x1d
const POLL_MS = 100
const TAIL_BYTES = 4096

/** `hil console`: interactive on a free board, the growing recording of a held one. */
export async function console(name: string, options: { bench: string }, signal: AbortSignal): Promise<void> {
  const board = await boardOf(options.bench, name)
  if (!board.wired.console)
    throw new Fault('configuration/bench-file', { expected: `${board.name} to have a console`, seen: 'none wired' })
  const holder = await holderOf(board.bench, board.name)
  if (holder?.recordingPath !== undefined) {
    process.stderr.write(`${board.name} is held by ${describeHolder(holder)}; read-only, Ctrl-C leaves\n`)
    return watch(holder.recordingPath, signal)
  }
  await using lease = await leaseFor(board, signal)
  const { live } = lease
  const state = await live.powerState(signal)
  process.stderr.write(`${board.name}: power ${state}; Ctrl-] leaves\n`)
  if (state === 'on') await live.adopt()
  using _follow = live.recording.follow(chunk => process.stdout.write(chunk))
  await interact(bytes => live.console!.write(bytes), signal)
}

/** Passes keys on until the escape key, the end of standard input or an interrupt; the terminal is put back as it was. */
async function interact(write: (bytes: Buffer) => Promise<void>, signal: AbortSignal): Promise<void> {
  const { stdin } = process
  const raw = stdin.isTTY
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onData = (bytes: Buffer): void => {
    const escape = bytes.indexOf(ESCAPE)
    const typed = escape < 0 ? bytes : bytes.subarray(0, escape)
    if (typed.length > 0) write(typed).catch(reject)
    if (escape >= 0) resolve()
  }
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  if (raw) stdin.setRawMode(true)
  stdin.on('data', onData).once('end', resolve)
  try {
    await promise
  } finally {
    stdin.off('data', onData).pause()
    if (raw) stdin.setRawMode(false)
    signal.removeEventListener('abort', onAbort)
    process.stderr.write('\n')
  }
}

/** Follows a file that another process writes. */
async function watch(path: string, signal: AbortSignal): Promise<void> {
  let offset = Math.max(0, sizeOf(path) - TAIL_BYTES)
  while (!signal.aborted) {
    const size = sizeOf(path)
    if (size > offset)
      for await (const chunk of createReadStream(path, { start: offset, end: size - 1 }))
        process.stdout.write(chunk as Buffer)
    offset = size
    await systemClock.sleep(POLL_MS, signal).catch(() => undefined)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
