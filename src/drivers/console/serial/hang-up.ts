import { read } from 'node:fs'
import { promisify } from 'node:util'
import type { SerialPort } from 'serialport'

/**
 * Makes an open port close when its adapter vanishes.
 *
 * serialport 13 repeats a read that gave no bytes; but a tty that was hung up gives none for ever, so that the port
 * never closes and a processor core is busy with it. This replaces that one loop, on the same descriptor.
 * Source: @serialport/bindings-cpp 13, unix-read.ts; `hung_up_tty_read` in Linux' drivers/tty/tty_io.c.
 */
export function closeOnHangUp(port: SerialPort): void {
  const binding = port.port as unknown as Binding
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      const bytesRead = await readNow(fdOf(binding), buffer, offset, length)
      if (bytesRead === 0) throw new Error('the adapter hung up')
      if (bytesRead !== undefined) return { bytesRead, buffer }
      // Asked again: the port may have been closed meanwhile, and a closed port's poller ends the process when used.
      fdOf(binding)
      await readable(binding)
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

const readAsync = promisify(read)

/** Undefined: nothing has arrived yet. */
async function readNow(fd: number, buffer: Buffer, offset: number, length: number): Promise<number | undefined> {
  try {
    return (await readAsync(fd, buffer, offset, length, null)).bytesRead
  } catch (error) {
    if (['EAGAIN', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function readable({ poller }: Binding): Promise<void> {
  return new Promise((resolve, reject) => poller.once('readable', error => (error ? reject(error) : resolve())))
}
