import type { LinkEvents } from '../shared/reopening-line.ts'
import { answeredBy, COM_PORT, NO_REPORTS, portCommands, type PortSettings } from './com-port.ts'
import { BINARY, Telnet } from './telnet.ts'

export type Mode = 'raw' | 'telnet' | 'rfc2217'

/** What a mode makes of the bytes of a connection. */
export interface Talk {
  feed(chunk: Buffer): void
  escape(bytes: Uint8Array): Uint8Array
  /** Resolves when the server has confirmed all it was asked for, rejects when it refused. */
  readonly settled: Promise<void>
  /** What the server has not confirmed yet. */
  unconfirmed(): string[]
}

/** Begins to talk; `send` writes to the connection. */
export function talk(
  options: PortSettings & { readonly mode: Mode },
  events: Pick<LinkEvents, 'data'>,
  send: (bytes: Uint8Array) => void,
): Talk {
  if (options.mode === 'raw')
    return { feed: events.data, escape: bytes => bytes, settled: Promise.resolve(), unconfirmed: () => [] }
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>()
  settled.catch(() => {})
  const commands = options.mode === 'rfc2217' ? portCommands(options) : []
  // Until it is known whether the line is binary, a CR could not be written in a way that is surely right.
  const open = new Set(['a binary line', ...commands.map(({ name }) => name)])
  const confirm = (name: string): void => {
    open.delete(name)
    if (open.size === 0) resolve()
  }
  const setPort = (): void => {
    for (const bytes of [...NO_REPORTS, ...commands.map(({ bytes }) => bytes)]) protocol.subnegotiate(COM_PORT, bytes)
  }
  const protocol = new Telnet(
    {
      data: chunk => events.data(chunk),
      send,
      answered: (option, agreed) => {
        if (option === BINARY) confirm('a binary line')
        if (option === COM_PORT && agreed) setPort()
        if (option === COM_PORT && !agreed)
          reject(new Error('the server refuses to have its port set (COM-PORT-OPTION)'))
      },
      subnegotiation: (option, bytes) => {
        if (option !== COM_PORT) return
        const unanswered = commands.filter(({ name }) => open.has(name))
        const answer = answeredBy(bytes, unanswered)
        if (answer?.as !== undefined) reject(new Error(`the server answers ${answer.command.name} with ${answer.as}`))
        else if (answer) confirm(answer.command.name)
      },
    },
    options.mode === 'rfc2217' ? [COM_PORT] : [],
  )
  protocol.start()
  return {
    feed: chunk => protocol.feed(chunk),
    escape: bytes => protocol.escape(bytes),
    settled,
    unconfirmed: () => [...open],
  }
}
