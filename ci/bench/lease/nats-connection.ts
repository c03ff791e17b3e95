import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const CRLF = '\r\n'

/**
 * A connection to a NATS server, as much of it as locks need: publishing with headers, requests, subscriptions. It does less than
 * the official client. Source: https://docs.nats.io/reference/reference-protocols/nats-protocol, of nats-server 2.9.
 */
export class NatsConnection {
  readonly #socket: Socket
  readonly #inbox = `_INBOX.${process.pid}.${Math.random().toString(36).slice(2)}`
  readonly #replies = new Map<string, (body: string) => void>()
  readonly #subscribers = new Map<string, (headers: string) => void>()
  #count = 0
  #unread: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#hear(bytes))
    socket.write(`CONNECT ${JSON.stringify({ verbose: false, headers: true, lang: 'bench', protocol: 1 })}${CRLF}`)
    socket.write(`SUB ${this.#inbox}.* inbox${CRLF}`)
  }

  static async open(port: number): Promise<NatsConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new NatsConnection(socket)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Calls `hear` with the headers of each message to a subject. */
  subscribe(subject: string, hear: (headers: string) => void): void {
    const id = `s${this.#subscribers.size}`
    this.#subscribers.set(id, hear)
    this.#socket.write(`SUB ${subject} ${id}${CRLF}`)
  }

  /** Keeps a message in the stream of its subject, and gives back its number. Errors: what the stream refuses it by. */
  async publish(subject: string, headers: Record<string, string>, body: string): Promise<number> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}${CRLF}`)
    const { seq, error } = await this.#request<{ seq: number; error?: { description: string } }>(
      subject,
      `NATS/1.0${CRLF}${lines.join('')}${CRLF}`,
      body,
    )
    if (error) throw new Error(error.description)
    return seq
  }

  /** Calls the server's own API. */
  async ask<T>(subject: string, question: object): Promise<T> {
    const answer = await this.#request<T & { error?: { description: string } }>(subject, '', JSON.stringify(question))
    if (answer.error) throw new Error(`${subject}: ${answer.error.description}`)
    return answer
  }

  #request<T>(subject: string, headers: string, body: string): Promise<T> {
    const reply = `${this.#inbox}.${++this.#count}`
    const size = headers.length + Buffer.byteLength(body)
    const head =
      headers === '' ? `PUB ${subject} ${reply} ${size}` : `HPUB ${subject} ${reply} ${headers.length} ${size}`
    this.#socket.write(`${head}${CRLF}${headers}${body}${CRLF}`)
    return new Promise(resolve => this.#replies.set(reply, answer => resolve(JSON.parse(answer) as T)))
  }

  #hear(bytes: Buffer): void {
    let unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    for (let end = unread.indexOf(CRLF); end >= 0; end = unread.indexOf(CRLF)) {
      const words = unread.subarray(0, end).toString('latin1').split(' ')
      const from = end + CRLF.length
      const [kind] = words
      if (kind === 'MSG' || kind === 'HMSG') {
        const size = Number(words.at(-1))
        if (unread.length < from + size + CRLF.length) break
        const headerSize = kind === 'HMSG' ? Number(words.at(-2)) : 0
        this.#deliver(words, unread.subarray(from, from + headerSize), unread.subarray(from + headerSize, from + size))
        unread = unread.subarray(from + size + CRLF.length)
        continue
      }
      if (kind === 'PING') this.#socket.write(`PONG${CRLF}`)
      if (kind === '-ERR') throw new Error(words.join(' '))
      unread = unread.subarray(from)
    }
    this.#unread = unread
  }

  #deliver([, subject, id]: readonly string[], headers: Buffer, body: Buffer): void {
    if (id !== 'inbox') return this.#subscribers.get(id!)?.(headers.toString('latin1'))
    const reply = this.#replies.get(subject!)
    this.#replies.delete(subject!)
    reply?.(body.toString('utf8'))
  }
}
