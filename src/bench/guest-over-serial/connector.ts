import { readFile } from 'node:fs/promises'
import type { FaultCode } from '../../base/fault-codes.ts'
import { Fault } from '../../base/fault.ts'
import { systemRandom, type Random } from '../../base/random.ts'
import type { Connector, ShellAddress } from '../../controls/shell.ts'
import { fingerprintOf } from '../host-keys.ts'
import { GuestShell } from './guest-shell.ts'
import type { SerialHost } from './host.ts'
import { sshConfig } from './ssh-config.ts'

const STEP_LIMIT_MS = 20_000
const CONNECT_LIMIT_MS = 30_000

/**
 * SSH by the host's own `ssh`, run over its serial console: a way to guests for a board whose network reaches nobody here.
 *
 * Password and key come to the host as standard input, never as an argument, because the console's recording keeps those.
 * They lie in a private folder until the connection is let in, which later commands share (ControlMaster). Errors are those
 * of the driver `ssh`.
 */
export function hostSsh(host: SerialHost, random: Random = systemRandom): Connector {
  return {
    connect: async (address, check, signal) => {
      const keys = address.hostKeys ?? []
      const secrets = `${address.password ?? ''}\n${address.key === undefined ? '' : await readKey(address.key)}`
      const made = await host.run(['sh', '-c', 'umask 077; mktemp -d'], { limitMs: STEP_LIMIT_MS, signal })
      const folder = made.stdout.toString().trim()
      if (made.exitCode !== 0 || !folder.startsWith('/'))
        throw new Fault('product/no-shell', {
          expected: 'the host to make a temporary folder',
          seen: made.stderr.toString().trim() || `exit code ${made.exitCode}`,
        })
      try {
        const known = keys.map(key => `guest ${key}`).join('\n')
        const input = Buffer.from(`${sshConfig(folder, address)}\n\n${known}\n\n${secrets}`)
        const { exitCode, stdout } = await host.run(['sh', '-c', CONNECT, 'sh', folder], {
          limitMs: CONNECT_LIMIT_MS,
          signal,
          input,
        })
        // The shell keeps the input of its last command in a file until the next one's.
        await host.run(['true'], { limitMs: STEP_LIMIT_MS, signal, input: new Uint8Array() })
        if (exitCode !== 0) throw refusal(address, stdout.toString(), exitCode)
        for (const key of keys) check(address.host, fingerprintOf(key)!)
        return new GuestShell(host, folder, `${address.user}@${address.host}`, random)
      } catch (error) {
        await host.farewell(['rm', '-rf', folder])
        throw error
      }
    },
  }
}

/** Takes the folder; reads two texts that end with an empty line, a line, and a text. Says the log when refused. */
const CONNECT = [
  'cd "$1" && umask 077 || exit',
  `for f in config known; do while IFS= read -r l && [ "$l" ]; do printf '%s\\n' "$l"; done > $f; done`,
  `IFS= read -r l; printf '%s\\n' "$l" > password; cat > key; : > log`,
  `printf '#!/bin/sh\\ncat "\${0%%/*}/password"\\n' > askpass; chmod 700 askpass`,
  'SSH_ASKPASS=$1/askpass SSH_ASKPASS_REQUIRE=force ssh -F config -E log -MNf first </dev/null >/dev/null 2>&1; r=$?',
  'rm -f password key askpass; if [ $r != 0 ]; then tail -n 20 log; fi; exit $r',
].join('; ')

function refusal(address: ShellAddress, log: string, exitCode: number): Fault {
  const evidence = log.trim().split('\n')
  const where = `${address.user}@${address.host}:${address.port}`
  const seen = evidence.at(-1) || `exit code ${exitCode} of the host's ssh`
  const [, code, expected] = REFUSALS.find(([sign]) => sign.test(log)) ?? LATER
  return new Fault(code, { expected: expected(where), seen, evidence })
}

type Refusal = [sign: RegExp, code: FaultCode, expected: (where: string) => string]

const REFUSALS: Refusal[] = [
  [/^Load key /m, 'configuration/login', where => `a private key without passphrase for ${where}`],
  [
    /host key verification failed|REMOTE HOST IDENTIFICATION/i,
    'infrastructure/ssh-host-key',
    where => `${where} to show the key read by its host over the internal network`,
  ],
  [
    /permission denied|too many authentication failures/i,
    'product/ssh-auth',
    where => `${where} to be let in by what the bench file names`,
  ],
]
const LATER: Refusal = [/^/, 'infrastructure/ssh-unreachable', where => `${where} to answer its host`]

async function readKey(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause: Error) => {
    throw new Fault('configuration/login', { expected: `a private key in ${path}`, seen: cause.message, cause })
  })
}
