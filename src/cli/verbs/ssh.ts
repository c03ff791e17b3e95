import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { Fault } from '../../base/fault.ts'
import { boardOf } from '../board-of.ts'

/**
 * `hil ssh`: the system's own `ssh`, told the way to the board. Keys are kept per board, apart from this user's.
 *
 * A person decides here whom to trust: a changed key is asked about by `ssh` itself.
 */
export async function ssh(
  name: string,
  command: readonly string[],
  options: { bench: string; vm?: string },
): Promise<void> {
  const board = await boardOf(options.bench, name)
  const { spec, type } = board
  if (!spec.shell)
    throw new Fault('configuration/bench-file', { expected: `${board.name} to have a shell`, seen: 'none wired' })
  if (spec.shell.host === undefined)
    throw new Fault('configuration/usage', {
      expected: `${board.name} to be another machine`,
      seen: 'this host itself: you are there',
    })
  const outer = spec.shell.route === 'direct' ? 'host' : spec.shell.route.slice('via '.length)
  const wanted = options.vm ?? 'host'
  const inside = wanted === 'host' ? type.inside?.host : type.inside?.guests[wanted]
  if (wanted !== outer && inside === undefined)
    throw new Fault('configuration/usage', {
      expected: `a guest of ${board.name}`,
      seen: `--vm ${wanted}; it has ${Object.keys(type.inside?.guests ?? {}).join(', ') || 'none'}`,
    })
  const trust = [
    '-o',
    `UserKnownHostsFile=${join(board.stateDir, 'known_hosts')}`,
    '-o',
    'StrictHostKeyChecking=accept-new',
  ]
  const key = spec.login.key === undefined ? [] : ['-i', spec.login.key]
  const direct = [...trust, ...key, '-p', String(spec.shell.port), `${spec.login.user}@${spec.shell.host}`]
  const jump = ['-o', `ProxyCommand=${['ssh', '-W', '%h:%p', ...direct].join(' ')}`]
  const args = wanted === outer ? direct : [...trust, ...key, ...jump, `${spec.login.user}@${inside}`]
  const child = spawn('ssh', [...args, ...command], { stdio: 'inherit' })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', error =>
    reject(new Fault('configuration/missing-tool', { expected: 'the program ssh', seen: error.message })),
  )
  child.once('close', code => resolve(code ?? 255))
  process.exitCode = await promise
}
