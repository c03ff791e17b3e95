import { EventEmitter } from 'node:events'
import type { SimProcess } from '../host/process.ts'

/** What a wire carries: text, the two halves of a pulse, or the news that there will be no more. */
export type Parcel =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'ping' | 'pong' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }

/** One end of a simulated connection, as `ws` has it: as much of it as the agent's two ends use. */
export class SimSocket extends EventEmitter {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readyState = 0
  readonly process: SimProcess
  readonly #send: (parcel: Parcel) => void

  constructor(process: SimProcess, send: (parcel: Parcel) => void) {
    super()
    this.process = process
    this.#send = send
  }

  send(text: string): void {
    this.#sendOpen({ kind: 'message', text })
  }

  ping(): void {
    this.#sendOpen({ kind: 'ping' })
  }

  close(code = 1005, reason = ''): void {
    this.#sendOpen({ kind: 'close', code, reason })
    this.closed(code, reason)
  }

  terminate(): void {
    this.close(1006)
  }

  opened(): void {
    if (this.readyState !== 0) return
    this.readyState = 1
    this.emit('open')
  }

  /** Errors of a connection that could not be made come before its end, as `ws` tells them. */
  refused(error: Error): void {
    if (this.readyState > 1) return
    this.emit('error', error)
    this.closed()
  }

  closed(code = 1006, reason = ''): void {
    if (this.readyState > 1) return
    this.readyState = 3
    // Not under the hands of whoever ended it.
    this.process.clock.after(0, () => this.emit('close', code, Buffer.from(reason)))
  }

  /** Something arrived. */
  take(parcel: Parcel): void {
    if (this.readyState > 1) return
    switch (parcel.kind) {
      case 'message':
        return void this.emit('message', Buffer.from(parcel.text))
      case 'ping':
        this.#sendOpen({ kind: 'pong' })
        return void this.emit('ping')
      case 'pong':
        return void this.emit('pong')
      case 'close':
        return this.closed(parcel.code, parcel.reason)
    }
  }

  #sendOpen(parcel: Parcel): void {
    if (this.readyState === 1 && !this.process.killed) this.#send(parcel)
  }
}
