import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from './lab.ts'

/** A `qemu-system-x86_64` first on the PATH that says when it was executed and becomes the real one. */
export class ExecStamp {
  readonly env: NodeJS.ProcessEnv
  readonly #log: string

  constructor(lab: Lab) {
    const folder = join(lab.folder, 'bin')
    mkdirSync(folder)
    this.#log = join(lab.folder, 'executed')
    const real = execFileSync('sh', ['-c', 'command -v qemu-system-x86_64'], { encoding: 'utf8' }).trim()
    const shim = join(folder, 'qemu-system-x86_64')
    writeFileSync(shim, `#!/bin/sh\ndate +%s.%N >>'${this.#log}'\nexec '${real}' "$@"\n`)
    chmodSync(shim, 0o755)
    this.env = { PATH: `${folder}:${process.env.PATH}` }
  }

  /** The last time it was executed, in ms since the epoch. Forgets all earlier ones. */
  take(): number {
    const last = readFileSync(this.#log, 'utf8').trimEnd().split('\n').at(-1)
    rmSync(this.#log)
    return Number(last) * 1000
  }
}
