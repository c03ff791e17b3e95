import { readSync } from 'node:fs'
import { setImmediate as otherWork } from 'node:timers/promises'
import type { SerialPort } from 'serialport'

/**
 * Makes an open port close when its adapter vanishes, and read at once whatever has arrived.
 *
 * serialport 13 repeats a read that gave no bytes; but a tty that was hung up gives none for ever, so that the port
 * never closes and a processor core is busy with it. And it has every 4 KiB read by another thread, which costs twice the
 * processor time, and waits while those threads write to a slow disk. This replaces that one loop, on the same
 * descriptor, which was opened not to block.
 * Source: @serialport/bindings-cpp 13, unix-read.ts; `hung_up_tty_read` in Linux' drivers/tty/tty_io.c.
 */
export function closeOnHangUp(port: SerialPort): void {
  const binding = port.port as unknown as Binding
  let isMore = false
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      // A closed port's poller ends the process when used.
      fdOf(binding)
      // Others have their turn meanwhile. Where there was more than could be taken, nobody need wake us: that takes long.
      if (isMore) await otherWork()
      else await readable(binding)
      const bytesRead = readAll(fdOf(binding), buffer, offset, length)
      isMore = bytesRead === length
      if (bytesRead > 0) return { bytesRead, buffer }
    }
  }
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
  read(buffer: Buffer, offset: number, length: number): Promise<{ bytesRead: number; buffer: Buffer }>
}

/** A tty gives at most 4095 bytes at once; one that gives far less has no more, and need not be asked. */
const MORE_TO_COME_BYTES = 1024

/** What has arrived, as much as there is room for. 0: nothing yet. Errors: the adapter is gone. */
function readAll(fd: number, buffer: Buffer, offset: number, length: number): number {
  let done = 0
  while (done < length) {
    const got = readNow(fd, buffer, offset + done, length - done)
    // What was said before the adapter vanished is given out first; the next read tells of that again.
    if (got instanceof Error && done === 0) throw got
    if (got instanceof Error) break
    done += got
    if (got < MORE_TO_COME_BYTES) break
  }
  return done
}

function readNow(fd: number, buffer: Buffer, offset: number, length: number): number | Error {
  try {
    return readSync(fd, buffer, offset, length, null) || new Error('the adapter hung up')
  } catch (error) {
    return ['EAGAIN', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '') ? 0 : (error as Error)
  }
}

function readable({ poller }: Binding): Promise<void> {
  return new Promise((resolve, reject) => poller.once('readable', error => (error ? reject(error) : resolve())))
}
