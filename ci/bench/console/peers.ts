import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Another tool's reader of a console, driven by a script that uses the tool's own code. */
export interface Peer {
  readonly name: string
  /** Why it cannot be measured here; undefined: it can. */
  readonly missing: string | undefined
  readonly argv: readonly string[]
}

const PEERS = join(import.meta.dirname, 'peers')
const PYTHON = '/usr/bin/python3'

/** The peers of the field that read consoles, best first. */
export function peers(): Peer[] {
  return [osAutoinst(), reader('pexpect', 'pexpect'), reader('labgrid', 'labgrid.driver')]
}

function osAutoinst(): Peer {
  const installed = existsSync('/usr/lib/os-autoinst/consoles/serial_screen.pm')
  const script = join(PEERS, 'os_autoinst.pl')
  const loads = installed && spawnSync('perl', [script], { stdio: 'ignore' }).status === 0
  // The package of Debian 12 does not name all that it needs.
  const modules = 'libtime-moment-perl libcpanel-json-xs-perl libmojo-ioloop-readwriteprocess-perl'
  const missing = loads ? undefined : `os-autoinst is not installed: apt-get install os-autoinst ${modules}`
  return { name: 'os-autoinst', missing, argv: ['perl', script] }
}

function reader(name: string, module: string): Peer {
  return pythonPeer(name, module, join(PEERS, `${name}_console.py`))
}

/** A script that uses a Python package of the distribution. */
export function pythonPeer(name: string, module: string, script: string): Peer {
  const loads = spawnSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0
  const missing = loads ? undefined : `${name} is not installed: apt-get install python3-${name}`
  return { name, missing, argv: [PYTHON, script] }
}

/** Runs a peer on a tty; `onReady` is called when it listens. Resolves with what it said. */
export async function runPeer(peer: Peer, args: readonly string[], onReady: () => void): Promise<string> {
  const [program, ...words] = peer.argv
  const child = spawn(program!, [...words, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let out = ''
  let err = ''
  let ready = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    if (ready || !out.includes('ready\n')) return
    ready = true
    onReady()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err = (err + text).slice(-4000)))
  child.once('error', reject)
  child.once('close', code =>
    code === 0 ? resolve(out) : reject(new Error(`${peer.name} ended with ${code}\n${err}`)),
  )
  return promise
}
