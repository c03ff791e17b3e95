import { Fault } from '../base/fault.ts'

/** What somebody may do: look; use boards; also end what others have, and hand it on. Each includes the ones before. */
export const ROLES = ['see', 'use', 'administer'] as const
export type Role = (typeof ROLES)[number]

/** Who is at the other end of a connection. */
export interface Caller {
  /** As a token proves it, from any host; undefined: whoever they say, of those who may open the socket. */
  readonly user?: string
  readonly role: Role
  /** Boards it may use; undefined: all. */
  readonly boards?: readonly string[]
}

/** Whoever may open the socket of their own run, or of an agent without rules. */
export const TRUSTED: Caller = { role: 'administer' }

/** Errors: `lease/forbidden` naming what is missing. */
export function mustBe(caller: Caller, role: Role, board?: string): void {
  const enough = ROLES.indexOf(caller.role) >= ROLES.indexOf(role)
  const itsBoard = board === undefined || role === 'see' || (caller.boards?.includes(board) ?? true)
  if (enough && itsBoard) return
  throw new Fault('lease/forbidden', {
    expected: `${caller.user ?? 'a caller'} to be allowed to ${role}${board === undefined ? '' : ` ${board}`}`,
    seen: enough ? `boards ${caller.boards?.join(', ')} only` : `the role '${caller.role}'`,
  })
}
