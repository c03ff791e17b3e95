import { NatsConnection } from './nats-connection.ts'

/** The bucket of the server that locks are in. */
export const BUCKET = 'leases'

/**
 * Locks as they are made with a key-value bucket of NATS: who creates the key has it; who cannot waits until it is seen deleted, and
 * tries again. What a client deleted itself it creates again without a question, which is the best it can do.
 *
 * Source: NATS ADR-8, whose operations are messages to `$KV.<bucket>.<key>`, numbered and checked by headers.
 */
export class NatsLock {
  readonly #nats: NatsConnection
  /** By key: the number of the message that is thought to be its last. */
  readonly #last = new Map<string, number>()
  readonly #freed = new Map<string, () => void>()
  #held: { readonly subject: string; readonly seq: number } | undefined

  private constructor(nats: NatsConnection) {
    this.#nats = nats
  }

  static async open(port: number): Promise<NatsLock> {
    return new NatsLock(await NatsConnection.open(port))
  }

  /** Resolves with the number under which the key is had. */
  async take(key: string, value: string): Promise<number> {
    const subject = `$KV.${BUCKET}.${key}`
    if (!this.#freed.has(subject)) {
      this.#freed.set(subject, () => undefined)
      this.#nats.subscribe(subject, headers => isDeletion(headers) && this.#freed.get(subject)!())
    }
    for (;;) {
      // Begun before it is asked, so that no deletion is missed in between.
      const freed = new Promise<void>(resolve => this.#freed.set(subject, resolve))
      const seq =
        (await this.#put(subject, value)) ?? ((await this.#isDeleted(subject)) && (await this.#put(subject, value)))
      if (seq) {
        this.#held = { subject, seq }
        return seq
      }
      await freed
    }
  }

  async giveBack(): Promise<void> {
    const { subject, seq } = this.#held!
    this.#last.set(subject, await this.#nats.publish(subject, { ...DELETION, ...after(seq) }, ''))
  }

  close(): void {
    this.#nats.close()
  }

  /** Writes behind the message that is thought to be the last; undefined: another was. */
  async #put(subject: string, value: string): Promise<number | undefined> {
    return this.#nats.publish(subject, after(this.#last.get(subject) ?? 0), value).catch((error: unknown) => {
      if (/wrong last sequence/.test(String(error))) return undefined
      throw error
    })
  }

  async #isDeleted(subject: string): Promise<boolean> {
    const { message } = await this.#nats.ask<{ message: { seq: number; hdrs?: string } }>(
      `$JS.API.STREAM.MSG.GET.KV_${BUCKET}`,
      { last_by_subj: subject },
    )
    const isDeleted = isDeletion(Buffer.from(message.hdrs ?? '', 'base64').toString())
    // Behind anything else nobody may write: that is somebody's.
    if (isDeleted) this.#last.set(subject, message.seq)
    return isDeleted
  }
}

const DELETION = { 'KV-Operation': 'DEL' }

function after(seq: number): Record<string, string> {
  return { 'Nats-Expected-Last-Subject-Sequence': String(seq) }
}

function isDeletion(headers: string): boolean {
  return headers.includes('KV-Operation: DEL')
}
