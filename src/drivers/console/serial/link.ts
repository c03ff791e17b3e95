import type { SerialPort } from 'serialport'
import type { Log } from '../../../base/log.ts'
import type { Link, OpenLink } from '../shared/reopening-line.ts'
import { listen } from './listen.ts'
import { closePort, discardStaleInput, openPort } from './port.ts'
import { thieves } from './thieves.ts'

/** How to open a serial port by its path, again and again. */
export function serialLink({ path, baudRate }: { path: string; baudRate: number }, log: Log): OpenLink {
  return async (events, signal, again) => {
    const port = await openPort(path, baudRate, signal)
    // What the adapter kept since it is back was sent during this recording: it is not discarded.
    if (!again) await discardStaleInput(port)
    // Without a listener an error would end the process; 'close' follows and tells all that matters.
    port.on('error', error => log.debug({ error, path }, 'serial port'))
    listen(port, events)
    const link: Link = {
      write: async bytes => await writeTo(port, bytes),
      close: async () => await closePort(port),
    }
    const watch = thieves.watch(path, by => events.robbed(by))
    port.once('close', (error?: Error | null) => {
      watch[Symbol.dispose]()
      events.closed(error?.message ?? 'the port closed by itself')
    })
    return link
  }
}

function writeTo(port: SerialPort, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = (): void => reject(new Error('the adapter vanished'))
  port.once('close', gone)
  port.write(Buffer.from(bytes), error => {
    port.off('close', gone)
    if (error) reject(error)
    else resolve()
  })
  return promise
}
