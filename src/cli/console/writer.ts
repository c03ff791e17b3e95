import { answered, type AgentClient } from '../../agent/client.ts'
import { asFault, type Fault } from '../../base/fault.ts'

/** More typed-ahead than this, and the input has to wait. */
const MAX_WAITING_BYTES = 64 << 10
/** One call carries no more than this. */
const MAX_CALL_BYTES = 16 << 10

/** Writes to a console in the order typed: one call at a time, what is typed meanwhile goes with the next. */
export class Writer {
  readonly #api: AgentClient['api']
  readonly #board: string
  readonly #onFault: (fault: Fault) => void
  #waiting = Buffer.alloc(0)
  #running: Promise<void> | undefined

  /** `onFault`: something was not written; the rest of it is dropped. */
  constructor(api: AgentClient['api'], board: string, onFault: (fault: Fault) => void) {
    this.#api = api
    this.#board = board
    this.#onFault = onFault
  }

  /** A promise when the input should pause until then. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#waiting = Buffer.concat([this.#waiting, bytes])
    this.#running ??= this.#run()
    return this.#waiting.length > MAX_WAITING_BYTES ? this.#running : undefined
  }

  /** Resolves when everything is written, or given up. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = this.#waiting.subarray(0, MAX_CALL_BYTES)
        this.#waiting = this.#waiting.subarray(bytes.length)
        await answered(this.#api.consoleType.mutate({ board: this.#board, base64: bytes.toString('base64') }))
      }
    } catch (error) {
      this.#waiting = Buffer.alloc(0)
      this.#onFault(asFault(error))
    } finally {
      this.#running = undefined
    }
  }
}
