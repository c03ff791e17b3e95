import type { ShellAddress } from '../../controls/shell.ts'

/** A guest that is gone is noticed after 15 s. */
const ALIVE = { intervalS: 5, count: 3 }
const CONNECT_LIMIT_S = 10

/**
 * What the host's `ssh` is told: `first` connects, `guest` uses that connection and never makes one of its own, so that what
 * a command ends with is either its own word or that of a lost connection.
 *
 * Nothing of the host counts: no file of its own, no agent, no key, no question on the console.
 */
export function sshConfig(folder: string, { host, port, user, password, key }: ShellAddress): string {
  const methods = [key !== undefined && 'publickey', password !== undefined && 'password,keyboard-interactive']
  return [
    'Host guest',
    'ProxyCommand false',
    'Host *',
    `HostName ${host}`,
    `Port ${port}`,
    `User ${user}`,
    'HostKeyAlias guest',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile ${folder}/known`,
    'GlobalKnownHostsFile /dev/null',
    'UpdateHostKeys no',
    'CheckHostIP no',
    `PreferredAuthentications ${methods.filter(Boolean).join(',') || 'none'}`,
    `BatchMode ${password === undefined ? 'yes' : 'no'}`,
    'NumberOfPasswordPrompts 1',
    'IdentitiesOnly yes',
    'IdentityAgent none',
    `IdentityFile ${key === undefined ? 'none' : `${folder}/key`}`,
    `ControlPath ${folder}/master`,
    `ConnectTimeout ${CONNECT_LIMIT_S}`,
    `ServerAliveInterval ${ALIVE.intervalS}`,
    `ServerAliveCountMax ${ALIVE.count}`,
    'RequestTTY no',
  ].join('\n')
}
