import type { SerialPort } from 'serialport'
import { Fault } from '../../../base/fault.ts'
import type { Log } from '../../../base/log.ts'
import { abortable, within, type Clock } from '../../../base/time.ts'
import type { ConsoleLine, ConsoleSink } from '../../../controls/console.ts'
import { closePort, discardStaleInput, openPort } from './port.ts'

interface SerialLineOptions {
  readonly path: string
  readonly baudRate: number
  readonly writePaceMs?: number | undefined
  readonly clock: Clock
  readonly log: Log
  readonly sink: ConsoleSink
}

/** A serial port that is read all the time, and opened again by its path whenever its adapter comes back. */
export class SerialLine implements ConsoleLine {
  readonly device: string
  readonly #options: SerialLineOptions
  readonly #disposed = new AbortController()
  #port: SerialPort | undefined
  #reopening: Promise<void> = Promise.resolve()
  #writing: Promise<void> = Promise.resolve()

  private constructor(options: SerialLineOptions) {
    this.#options = options
    this.device = `${options.path} at ${options.baudRate}`
  }

  static async open(options: SerialLineOptions, signal: AbortSignal): Promise<SerialLine> {
    const line = new SerialLine(options)
    const port = await openPort(options.path, options.baudRate, signal)
    await discardStaleInput(port)
    line.#attach(port)
    return line
  }

  /** Errors: `infrastructure/tty-gone` while the adapter is away, `infrastructure/console-silent` when it takes no bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    const written = this.#writing.then(async () => await this.#writeNow(bytes))
    this.#writing = written.catch(() => {})
    await written
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort(
      new Fault('cancelled/interrupt', { expected: `${this.device} to be open`, seen: 'it was closed' }),
    )
    await this.#reopening
    const port = this.#port
    this.#port = undefined
    if (port) await closePort(port)
  }

  #attach(port: SerialPort): void {
    const { sink } = this.#options
    this.#port = port
    port.on('data', (chunk: Buffer) => {
      if (!this.#disposed.signal.aborted) sink.data(chunk)
    })
    // Without a listener an error would end the process; 'close' follows and tells all that matters.
    port.on('error', error => this.#options.log.debug({ error, device: this.device }, 'serial port'))
    port.once('close', (error?: Error | null) => {
      if (this.#disposed.signal.aborted || this.#port !== port) return
      this.#port = undefined
      sink.lost(error?.message ?? 'the port closed by itself')
      this.#reopening = this.#reopen()
    })
  }

  async #reopen(): Promise<void> {
    const { path, baudRate, clock, log, sink } = this.#options
    const signal = this.#disposed.signal
    let lastMessage = ''
    for (let backOffMs = 10; !signal.aborted; backOffMs = Math.min(backOffMs * 2, MAX_BACK_OFF_MS)) {
      try {
        const port = await openPort(path, baudRate, signal)
        // What the adapter kept since it is back was sent during this recording: it is not discarded.
        sink.back()
        this.#attach(port)
        return
      } catch (error) {
        const { message } = error as Error
        if (message !== lastMessage) log.debug({ device: this.device, message }, 'not back yet')
        lastMessage = message
      }
      await clock.sleep(backOffMs, signal).catch(() => {})
    }
  }

  async #writeNow(bytes: Uint8Array): Promise<void> {
    const { writePaceMs, clock } = this.#options
    if (writePaceMs === undefined) return await this.#writeBurst(bytes)
    for (const byte of bytes) {
      await this.#writeBurst(Uint8Array.of(byte))
      await clock.sleep(writePaceMs, this.#disposed.signal)
    }
  }

  async #writeBurst(bytes: Uint8Array): Promise<void> {
    const port = this.#port
    if (!port?.isOpen)
      throw new Fault('infrastructure/tty-gone', {
        expected: `to write to ${this.device}`,
        seen: 'the adapter is away',
      })
    // 10 bits on the wire for each byte; twice that, and some for the kernel's buffers.
    const limitMs = 5000 + (bytes.length * 20_000) / this.#options.baudRate
    const late = (): Fault =>
      new Fault('infrastructure/console-silent', {
        expected: `${this.device} to take ${bytes.length} bytes in ${Math.round(limitMs)} ms`,
        seen: 'the line takes no bytes',
      })
    await within(limitMs, late, async signal => await abortable(writeTo(port, bytes), signal), this.#disposed.signal)
  }
}

const MAX_BACK_OFF_MS = 250

function writeTo(port: SerialPort, bytes: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const gone = (): void =>
    reject(new Fault('infrastructure/tty-gone', { expected: `to write to ${port.path}`, seen: 'the adapter vanished' }))
  port.once('close', gone)
  port.write(Buffer.from(bytes), error => {
    port.off('close', gone)
    if (!error) return resolve()
    reject(
      new Fault('infrastructure/tty-gone', { expected: `to write to ${port.path}`, seen: error.message, cause: error }),
    )
  })
  return promise
}
