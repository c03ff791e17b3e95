import type { FaultRecord } from '../base/fault.ts'
import { abortable, type Clock } from '../base/time.ts'
import type { FlashProgress } from '../controls/flasher.ts'
import type { HostKeyTrust, Rebooted, RecoveryStep } from '../model/event.ts'

/** What happens on a leased board that its holder should know without having asked. */
export type NewsItem =
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'trusted'; readonly trust: HostKeyTrust }
  | { readonly type: 'fault'; readonly fault: FaultRecord }
  | { readonly type: 'broken'; readonly fault: FaultRecord }
  | { readonly type: 'progress'; readonly report: FlashProgress }
  | { readonly type: 'recovery'; readonly step: RecoveryStep }
  | { readonly type: 'rebooted'; readonly reboot: Rebooted }
  | { readonly type: 'struck'; readonly fault: FaultRecord }
  | { readonly type: 'notice'; readonly by: string; readonly atMs: number }

/** The oldest items make room: whoever reads so late has other worries. */
const KEPT = 1000
/** How long a burst is gathered before it is told: progress comes in hundreds a second. */
const GATHER_MS = 20

/** The news of one lease, in order, for whoever asks what is new since a number. */
export class News {
  readonly #clock: Clock
  readonly #items: NewsItem[] = []
  #begin = 0
  #more = Promise.withResolvers<void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get end(): number {
    return this.#begin + this.#items.length
  }

  tell(item: NewsItem): void {
    const last = this.#items.at(-1)
    // Of progress only the newest matters, as long as nobody has read the one before.
    if (item.type === 'progress' && last?.type === 'progress' && this.#items.length > KEPT / 2)
      this.#items[this.#items.length - 1] = item
    else this.#items.push(item)
    if (this.#items.length > KEPT) {
      this.#items.shift()
      this.#begin++
    }
    this.#more.resolve()
    this.#more = Promise.withResolvers()
  }

  /** What is new since `from`; waits for it until the signal aborts, and then says nothing. */
  async since(from: number, signal: AbortSignal): Promise<{ items: NewsItem[]; to: number }> {
    while (this.end <= from && !signal.aborted) {
      await abortable(this.#more.promise, signal).catch(() => undefined)
      await this.#clock.sleep(GATHER_MS)
    }
    return { items: this.#items.slice(Math.max(0, from - this.#begin)), to: this.end }
  }
}
