import { once } from 'node:events'
import { SerialPort } from 'serialport'
import { Fault } from '../../../base/fault.ts'
import { count } from '../../../base/text.ts'
import { abortable } from '../../../base/time.ts'
import { readersOf } from './readers.ts'

/**
 * Opens a port for this process alone.
 *
 * `hupcl` off: lowering DTR at close resets some boards. The lock is advisory (`flock`), so programs that do not ask
 * for it (cat, screen) are looked for and refused as well.
 */
export async function openPort(path: string, baudRate: number, signal: AbortSignal): Promise<SerialPort> {
  signal.throwIfAborted()
  refuseOtherReaders(path)
  const port = new SerialPort({ path, baudRate, hupcl: false, lock: true, autoOpen: false, highWaterMark: 1 << 16 })
  const opened = new Promise<void>((resolve, reject) => port.open(error => (error ? reject(error) : resolve())))
  try {
    await abortable(opened, signal)
    return port
  } catch (error) {
    // An open that ends after the abort must not keep the port.
    opened.then(() => closePort(port)).catch(() => {})
    signal.throwIfAborted()
    const message = (error as Error).message
    if (message.includes('Cannot lock port')) throw busy(path, readersSafely(path).map(describe))
    throw new Fault('infrastructure/tty-open', {
      expected: `to open the serial port ${path}`,
      seen: message,
      cause: error,
    })
  }
}

/** Closes a port; that it is closed or gone already is no error. */
export async function closePort(port: SerialPort): Promise<void> {
  if (!port.isOpen && !port.closing) return
  const closed = once(port, 'close')
  if (!port.closing) port.close(error => error && port.emit('close', error))
  await closed
}

/** Throws away what the kernel kept for a reader that was not there: it is of the time before the recording. */
export async function discardStaleInput(port: SerialPort): Promise<void> {
  await new Promise<void>(resolve => port.flush(() => resolve()))
}

function refuseOtherReaders(path: string): void {
  const readers = readersSafely(path)
  if (readers.length > 0) throw busy(path, readers.map(describe))
}

/** A path that does not exist is for `open` to complain about. */
function readersSafely(path: string): ReturnType<typeof readersOf> {
  try {
    return readersOf(path)
  } catch {
    return []
  }
}

function describe({ pid, command }: { pid: number; command: string }): string {
  return pid === process.pid ? `pid ${pid}: this very process` : `pid ${pid}: ${command}`
}

function busy(path: string, holders: readonly string[]): Fault {
  return new Fault('infrastructure/tty-busy', {
    expected: `the serial port ${path} to be free`,
    seen: holders.length > 0 ? `${count(holders.length, 'reader')} on it` : 'a lock of a process this user may not see',
    evidence: holders,
  })
}
