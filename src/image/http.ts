import { Agent as PlainAgent, request as plainRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { Fault } from '../base/fault.ts'
import { abortable } from '../base/time.ts'

const MAX_REDIRECTS = 10

/** An answer whose body is still to come, as the server sent it: nothing is unpacked on the way. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: IncomingMessage
}

/** Connections kept for the few requests an image needs; `HTTPS_PROXY` and its like are honoured. */
export class Http implements Disposable {
  readonly #plain = new PlainAgent({ keepAlive: true, proxyEnv: process.env })
  readonly #secure = new SecureAgent({ keepAlive: true, proxyEnv: process.env })

  /**
   * GETs a URL, following redirects.
   *
   * Node's own `fetch` would unpack what a server marks as packed, so that neither digests nor ranges would fit the file.
   * Errors: `infrastructure/download` without an answer, and for a redirect that gives up https or leads nowhere.
   */
  async get(url: string, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<Answer> {
    let at = new URL(url)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const body = await this.#send(at, headers, signal)
      const status = body.statusCode ?? 0
      const { location } = body.headers
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
        return { status, headers: body.headers, body }
      body.resume()
      const next = URL.parse(location, at.href)
      if (!next || !isHttp(next)) throw downloadFault(url, `a redirect to ${location}`)
      if (at.protocol === 'https:' && next.protocol === 'http:')
        throw downloadFault(
          url,
          `a redirect from https to ${shownUrl(next.href)}, where anybody could change the image`,
        )
      at = next
    }
    throw downloadFault(url, `more than ${MAX_REDIRECTS} redirects`)
  }

  async #send(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const secure = url.protocol === 'https:'
    const request = (secure ? secureRequest : plainRequest)(url, {
      agent: secure ? this.#secure : this.#plain,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'hil', ...headers },
      signal,
    })
    request.once('response', resolve)
    request.on('error', (cause: Error) =>
      reject(signal.aborted ? signal.reason : downloadFault(url.href, cause.message, cause)),
    )
    request.end()
    return abortable(promise, signal)
  }

  [Symbol.dispose](): void {
    this.#plain.destroy()
    this.#secure.destroy()
  }
}

/** Whether somebody named a URL and not a file. */
export function isUrl(reference: string): boolean {
  const url = URL.parse(reference)
  return url !== null && isHttp(url)
}

function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:'
}

/** A URL as it may stand in logs: without user, password and query, which may hold a token. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url)
  return `${origin}${pathname}${search === '' ? '' : '?…'}`
}

/** What a server gave instead of a file. */
export function downloadFault(url: string, seen: string, cause?: unknown): Fault {
  return new Fault('infrastructure/download', { expected: `to fetch ${shownUrl(url)}`, seen, cause })
}
