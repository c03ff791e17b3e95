import { readFileSync } from 'node:fs'
import { Fault } from '../base/fault.ts'

/** The number of a group of this host. Errors: `configuration/usage`. */
export function groupIdOf(name: string): number {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find(line => line.startsWith(`${name}:`))
  const id = line?.split(':')[2] ?? (/^\d+$/.test(name) ? name : undefined)
  if (id !== undefined) return Number(id)
  throw new Fault('configuration/usage', {
    expected: `a group '${name}' in /etc/group`,
    seen: 'none',
    next: `make it: groupadd --system ${name}`,
  })
}
