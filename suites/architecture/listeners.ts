/** A socket of the host that waits for connections. */
interface Listener {
  readonly address: string
  readonly port: number
}

const SSH_PORT = 22

/**
 * What listens on a host and has no business there: `ss -tlnH` → `address:port`, sorted.
 *
 * Allowed: SSH; what only the host itself reaches; what only its guests reach, which is how admin-vm controls them.
 */
export function strangersIn(ss: string, insidePrefix = '192.168.10'): string[] {
  return listenersOf(ss)
    .filter(({ address, port }) => port !== SSH_PORT && !isLoopback(address) && !address.startsWith(insidePrefix))
    .map(({ address, port }) => `${address}:${port}`)
    .toSorted()
}

function listenersOf(ss: string): Listener[] {
  return ss.split('\n').flatMap(line => {
    const local = line.trim().split(/\s+/)[3]
    const match = local === undefined ? null : /^(.+):(\d+)$/.exec(local)
    return match ? [{ address: match[1]!.replace(/%.*/, '').replace(/^\[(.*)\]$/, '$1'), port: Number(match[2]) }] : []
  })
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
