import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { ROOT } from '../../e2e/hil.ts'

/** What a result was got with: without it a figure says nothing. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryMiB: number
  readonly kernel: string
  readonly node: string
  /** The first line of what each says of its version; null where it is not installed. */
  readonly qemu: string | null
}

export function thisMachine(): Machine {
  const cores = cpus()
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.versions.node,
    qemu: firstLine('qemu-system-x86_64', ['--version']),
  }
}

/** The commit that is checked out; `-dirty` behind it where files differ from it, results of proofs apart. */
export function thisCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', ':!reports/proof')
  return git('rev-parse', 'HEAD') + (changed === '' ? '' : '-dirty')
}

function firstLine(program: string, args: readonly string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8' }).split('\n')[0] ?? null
  } catch {
    return null
  }
}
