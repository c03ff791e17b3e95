import { readFileSync } from 'node:fs'
import { answered, connect, type AgentClient } from '../agent/client.ts'
import { agentOf } from '../agent/host.ts'
import { Fault } from '../base/fault.ts'
import { systemClock } from '../base/time.ts'
import { loadBench } from '../bench/load.ts'
import { thisProcess } from '../bench/lock.ts'

/** Which agent is meant: that of a bench on this host, or one behind a URL, with a token. */
export interface AgentChoice {
  readonly bench: string
  /** `https://host:port`. */
  readonly agent?: string
}

/**
 * Connects to an agent; `signal` ends the attempt. Errors: `configuration/no-agent`; `configuration/usage` for a URL without a
 * token, which comes from `HIL_TOKEN` or the file that `HIL_TOKEN_FILE` names, never from a command line that others can read.
 */
export async function agentFor({ bench, agent }: AgentChoice, signal: AbortSignal): Promise<AgentClient> {
  if (agent !== undefined)
    return connect({ url: agent, token: tokenOf(process.env), ...caOf(process.env) }, undefined, signal)
  const { name } = await loadBench(bench)
  const socketPath = await agentOf(name, systemClock, signal)
  if (socketPath !== undefined) return connect(socketPath, undefined, signal)
  throw new Fault('configuration/no-agent', {
    expected: `an agent of bench ${name} on this host`,
    seen: 'none',
    next: `start one: hil agent --bench ${bench}`,
  })
}

/** Whoever the agent knows this caller as: a token's name counts, not what this host calls its user. */
export async function userOf(client: AgentClient): Promise<string> {
  return (await answered(client.api.agentHello.query())).user ?? thisProcess([], systemClock).user
}

function tokenOf({ HIL_TOKEN, HIL_TOKEN_FILE }: NodeJS.ProcessEnv): string {
  if (HIL_TOKEN !== undefined) return inOneWord('HIL_TOKEN', HIL_TOKEN)
  if (HIL_TOKEN_FILE !== undefined) return inOneWord('HIL_TOKEN_FILE', fileOf('HIL_TOKEN_FILE', HIL_TOKEN_FILE))
  throw new Fault('configuration/usage', {
    expected: 'a token for the agent in HIL_TOKEN, or in the file HIL_TOKEN_FILE names',
    seen: 'neither',
  })
}

/** A token as a header can carry it; what is wrong with one is told without it. */
function inOneWord(variable: string, text: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new Fault('configuration/usage', {
    expected: `a token in ${variable}: letters, digits and signs, in one line, without spaces`,
    seen: token === '' ? 'none' : `${token.length} characters, of which some are no part of a token`,
  })
}

/** A certificate that this host does not trust by itself. */
function caOf({ HIL_AGENT_CA }: NodeJS.ProcessEnv): { ca?: string } {
  if (HIL_AGENT_CA === undefined) return {}
  const ca = fileOf('HIL_AGENT_CA', HIL_AGENT_CA)
  if (/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/.test(ca)) return { ca }
  throw new Fault('configuration/usage', {
    expected: 'a certificate in the file of the path in HIL_AGENT_CA, as PEM',
    seen: `none in ${HIL_AGENT_CA}`,
    next: 'name what `hil agent` was given as --tls-cert, or the certificate of who signed it',
  })
}

/** What is in the file that a variable names. */
function fileOf(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Fault('configuration/usage', {
      expected: `a file that may be read, of the path in ${variable}`,
      seen: `${(cause as NodeJS.ErrnoException).code}: ${path}`,
      next: `correct ${variable}, or the file`,
      cause,
    })
  }
}
