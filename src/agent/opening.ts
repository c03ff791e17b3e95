import type { WebSocket } from 'ws'
import { asFault, Fault } from '../base/fault.ts'
import type { FaultCode } from '../base/fault-codes.ts'
import type { Clock } from '../base/time.ts'

/** A connection to an agent that is being made. */
export interface Opening {
  /** Where, as faults name it. */
  readonly address?: string
  /** Ends the attempt, not the connection that came of it: over that one boards are still given back. */
  readonly signal?: AbortSignal | undefined
  /** How long the other end may take to answer. */
  readonly limitMs?: number
}

const EXPECTED = 'a connection to the agent'
const SEE_THAT_IT_RUNS = 'see that the agent runs and answers at this address, then start again'

type Refusal = readonly [code: FaultCode, next?: string]

const RENEW: Refusal = [
  'configuration/agent-certificate',
  "have the agent's certificate renewed, and check the clocks of both hosts",
]

/** By the error of a socket. Source: https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
const REFUSALS: Readonly<Partial<Record<string, Refusal>>> = {
  EACCES: ['configuration/agent-access', 'be in the group of this socket: ls -l tells which, and id which you are in'],
  ENOTFOUND: ['configuration/no-agent', 'correct the host in --agent or HIL_AGENT: nobody knows its name'],
  CERT_HAS_EXPIRED: RENEW,
  CERT_NOT_YET_VALID: RENEW,
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'configuration/agent-certificate',
    'name the agent as its certificate does, or have one made for this name',
  ],
}

/** Watches a connection being made. Returns why it was not; undefined: it was, or may be yet. */
export function watchOpening(
  socket: WebSocket,
  clock: Clock,
  { address = 'its address', signal, limitMs }: Opening,
): () => Fault | undefined {
  let why: Fault | undefined
  let isOpen = false
  // The first reason is the one: to give up is an error of the socket too.
  const because = (fault: Fault): void => void (why ??= fault)
  const giveUp = (fault: Fault): void => {
    because(fault)
    socket.terminate()
  }
  const onAbort = (): void => giveUp(asFault(signal?.reason))
  const timer = limitMs === undefined ? undefined : clock.after(limitMs, () => giveUp(silence(address, limitMs)))
  const over = (): void => {
    signal?.removeEventListener('abort', onAbort)
    timer?.[Symbol.dispose]()
  }
  socket.once('open', () => {
    isOpen = true
    over()
  })
  socket.once('close', over)
  // 'close' follows, also of one that was never made.
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (!isOpen) because(refusal(address, error))
  })
  socket.once('unexpected-response', (_request, { statusCode = 0 }) => giveUp(turnedAway(address, statusCode)))
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  return () => why
}

/** Why there is no connection, by the error of its socket: a class of its own where to try again is of no use. */
export function refusal(address: string, { code = '', message }: NodeJS.ErrnoException): Fault {
  const text = message.trim()
  // One for several addresses of a host has no text.
  const detail = text === '' || (code !== '' && text.includes(code)) ? '' : text
  const seen = `${[code, detail].filter(Boolean).join(': ')} at ${address}`
  const report = { expected: EXPECTED, seen }
  // Of a network, EACCES is a firewall's.
  const [fault, next] = (code !== 'EACCES' || address.startsWith('/') ? REFUSALS[code] : undefined) ?? kindOf(code)
  return new Fault(fault, next === undefined ? report : { ...report, next })
}

function kindOf(code: string): Refusal {
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_'))
    return [
      'configuration/no-agent',
      'name the port that the agent was given with --listen: what answers at this one speaks no TLS of ours',
    ]
  if (/CERT|^UNABLE_TO_VERIFY/.test(code)) return ['configuration/agent-certificate']
  return ['infrastructure/agent-gone', SEE_THAT_IT_RUNS]
}

/** Something answered, and let nobody in. */
function turnedAway(address: string, status: number): Fault {
  const seen = `HTTP ${status} at ${address}`
  if (status !== 401 && status !== 403)
    return new Fault('infrastructure/agent-gone', { expected: EXPECTED, seen, next: SEE_THAT_IT_RUNS })
  return new Fault('configuration/agent-access', {
    expected: EXPECTED,
    seen: `${seen}: the token is not accepted`,
    next: 'ask whoever runs the agent for a token that its bench file names: hil agent token <name>',
  })
}

function silence(address: string, limitMs: number): Fault {
  return new Fault('infrastructure/agent-gone', {
    expected: EXPECTED,
    seen: `nobody answered within ${limitMs / 1000} s at ${address}`,
    next: SEE_THAT_IT_RUNS,
  })
}
