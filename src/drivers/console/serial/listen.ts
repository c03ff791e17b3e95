import { readSync } from 'node:fs'
import { setImmediate as otherWork } from 'node:timers/promises'
import type { SerialPort } from 'serialport'
import type { LinkEvents } from '../shared/reopening-line.ts'

/** As much is taken in one go, before anybody is told: between two reads the kernel brings more, or goes to sleep. */
const MOST_BYTES = 1 << 17
/** Who said so much at once says more in a moment: to be woken for that takes longer than to look. */
const BURST_BYTES = 4096
/** Memory of our own, where nobody else has any. */
const POOL_BYTES = 1 << 16
/** A tty gives at most 4095 bytes at once; one that gives far less has no more, and need not be asked. */
const MORE_TO_COME_BYTES = 1024

/**
 * Hands over what an open port says, at once, and makes it close when its adapter vanishes.
 *
 * serialport 13 repeats a read that gave no bytes; but a tty that was hung up gives none for ever, so that the port
 * never closes and a processor core is busy with it. And it has every 4 KiB read by another thread, which costs twice the
 * processor time, and waits while those threads write to a slow disk. This replaces that one loop, on the same
 * descriptor, which was opened not to block, and without the stream on top.
 * Source: @serialport/bindings-cpp 13, unix-read.ts; `hung_up_tty_read` in Linux' drivers/tty/tty_io.c.
 */
export function listen(port: SerialPort, events: Pick<LinkEvents, 'data' | 'room'>): void {
  const binding = port.port as unknown as Binding
  // Chunks share it, and no part of it is used twice: somebody may keep one.
  let pool = Buffer.alloc(0)
  const ownRoom = (): Buffer => {
    if (pool.length < MORE_TO_COME_BYTES) pool = Buffer.allocUnsafeSlow(POOL_BYTES)
    return pool
  }
  const hear = (): boolean => {
    const given = events.room()
    const room = (given ?? ownRoom()).subarray(0, MOST_BYTES)
    const { taken, isMore } = takeAll(fdOf(binding), room)
    if (taken > 0) events.data(room.subarray(0, taken))
    if (!given) pool = pool.subarray(taken)
    return isMore || taken >= BURST_BYTES
  }
  // Never fulfilled: nothing is left for the stream to hand over. It rejects when there is nothing to be read any more.
  binding.read = async () => {
    for (let isMore = false; ;) {
      // A closed port's poller ends the process when used.
      fdOf(binding)
      // Where more is to come at once nobody need wake us: that takes long.
      if (isMore) await otherWork()
      else await readable(binding)
      isMore = hear()
    }
  }
  port.resume()
}

/** Throws when the port is closed; `canceled` tells serialport that nothing went wrong. */
function fdOf(binding: Binding): number {
  if (binding.fd === null) throw Object.assign(new Error('the port was closed'), { canceled: true })
  return binding.fd
}

/** What is used of serialport's binding for Linux. */
interface Binding {
  readonly fd: number | null
  readonly poller: { once(event: 'readable', done: (error: Error | null) => void): void }
  read(): Promise<never>
}

/** Takes what has arrived, as much as there is room for. Errors: the adapter is gone. */
function takeAll(fd: number, room: Buffer): { taken: number; isMore: boolean } {
  for (let taken = 0; ;) {
    const got = readNow(fd, room.subarray(taken))
    // What was said before the adapter vanished is given out first; the next read tells of that again.
    if (got instanceof Error && taken === 0) throw got
    if (got instanceof Error) return { taken, isMore: true }
    taken += got
    if (got < MORE_TO_COME_BYTES) return { taken, isMore: false }
    if (taken === room.length) return { taken, isMore: true }
  }
}

/** 0: nothing yet. */
function readNow(fd: number, room: Buffer): number | Error {
  try {
    return readSync(fd, room, 0, room.length, null) || new Error('the adapter hung up')
  } catch (error) {
    return ['EAGAIN', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '') ? 0 : (error as Error)
  }
}

function readable({ poller }: Binding): Promise<void> {
  return new Promise((resolve, reject) => poller.once('readable', error => (error ? reject(error) : resolve())))
}
