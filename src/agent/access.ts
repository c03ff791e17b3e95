import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AccessSpec } from '../model/access.ts'
import { TRUSTED, type Caller } from './caller.ts'

/** Who may do what, by the `access` of a bench file. */
export class AccessRules {
  #rules: readonly AccessSpec[]

  constructor(rules: readonly AccessSpec[]) {
    this.#rules = rules
  }

  /** Takes the rules as they are now: for connections from now on. */
  set(rules: readonly AccessSpec[]): void {
    this.#rules = rules
  }

  /** Whoever may open the socket: its group is who is let in, and `access` what they may do there. */
  local(): Caller {
    const rule = this.#rules.find(({ local }) => local)
    return rule ? { role: rule.role, ...(rule.boards && { boards: rule.boards }) } : TRUSTED
  }

  /** Whoever shows a token; undefined: nobody we know. Only digests are kept, and compared in constant time. */
  byToken({ headers: { authorization = '' } }: IncomingMessage): Caller | undefined {
    const [, token] = /^Bearer (\S+)$/.exec(authorization) ?? []
    if (token === undefined) return undefined
    const digest = createHash('sha256').update(token).digest()
    const rule = this.#rules.find(
      ({ tokenSha256 }) => tokenSha256 !== undefined && timingSafeEqual(Buffer.from(tokenSha256, 'hex'), digest),
    )
    return rule && { user: rule.name!, role: rule.role, ...(rule.boards && { boards: rule.boards }) }
  }
}
