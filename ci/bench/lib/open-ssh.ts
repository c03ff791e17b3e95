import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Lab } from './lab.ts'
import { LOGIN } from './tiny-board.ts'

/** OpenSSH's own way to run many commands on one connection: a master, and a client process for each command. */
export class ControlMaster implements AsyncDisposable {
  readonly #options: readonly string[]
  readonly #env: NodeJS.ProcessEnv

  constructor(lab: Lab, port: number) {
    const askpass = join(lab.folder, 'askpass')
    writeFileSync(askpass, `#!/bin/sh\necho '${LOGIN.password}'\n`, { mode: 0o700 })
    // `force`: it asks this program although it has a terminal.
    this.#env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
    const settings = [
      'ControlMaster=auto',
      `ControlPath=${join(lab.folder, 'mux')}`,
      'ControlPersist=600',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'PubkeyAuthentication=no',
      'LogLevel=ERROR',
    ]
    const address = ['-p', String(port), `${LOGIN.user}@127.0.0.1`]
    this.#options = ['-F', 'none', ...settings.flatMap(setting => ['-o', setting]), ...address]
  }

  /** Runs `true` on the board; the first call opens the connection. */
  async runTrue(): Promise<void> {
    await promisify(execFile)('ssh', [...this.#options, 'true'], { env: this.#env })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    spawnSync('ssh', ['-O', 'exit', ...this.#options], { env: this.#env, stdio: 'ignore' })
  }
}

/** Why there is no OpenSSH to measure against; undefined: there is. */
export function openSshMissing(): string | undefined {
  const { error } = spawnSync('ssh', ['-V'], { stdio: 'ignore' })
  return error && 'OpenSSH is not installed: apt-get install openssh-client'
}
