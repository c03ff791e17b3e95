import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './hil.ts'
import { eventually } from './processes.ts'
import type { BoardYaml, Lab } from './lab.ts'

/** A board that is only a shell behind a serial line: quick to have, and as real as its console. */
export class ShellBoard implements AsyncDisposable {
  readonly yaml: BoardYaml
  readonly #folder: string
  readonly #processes: ChildProcess[] = []

  private constructor(folder: string) {
    this.#folder = folder
    this.yaml = {
      type: 'nuc',
      power: { driver: 'command', on: 'true', off: 'true', status: 'echo on' },
      console: { driver: 'serial', path: this.#path('tty') },
    }
  }

  static async start(lab: Lab): Promise<ShellBoard> {
    const board = new ShellBoard(lab.folder)
    try {
      // Two, so that the shell does not inherit the line, of which it would then pass for a reader.
      board.#socat(`UNIX-LISTEN:${board.#path('sh')}`, 'EXEC:bash --norc -i,pty,setsid,ctty,stderr')
      // Its name is there before it listens.
      const shell = `UNIX-CONNECT:${board.#path('sh')},retry=100,interval=0.1`
      await eventually('the shell has a name', () => existsSync(board.#path('sh')))
      board.#socat(`PTY,link=${board.#path('tty')},raw,echo=0`, shell)
      await eventually('the line is there', () => existsSync(board.#path('tty')))
      return board
    } catch (error) {
      await board.vanish()
      throw error
    }
  }

  /** As a pulled plug: the line is gone for good. */
  async vanish(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL')
    for (const child of this.#processes) if (child.exitCode === null && !child.signalCode) await once(child, 'exit')
    rmSync(this.#path('tty'), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.vanish()
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  #socat(...ends: string[]): void {
    this.#processes.push(spawn('socat', ends, { stdio: 'ignore' }))
  }
}

/** A `hil console`, with a pipe or a terminal in front. */
export class ConsoleProcess implements AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  /** What it showed, notes included where there is a terminal. */
  stdout = ''
  stderr = ''

  constructor(lab: Lab, args: readonly string[], { terminal = false } = {}) {
    const command = [`${ROOT}src/cli/hil`, 'console', 'nuc-1', '--bench', join(lab.folder, 'bench.yaml'), ...args]
    // Behind the console's end the terminal says how it was left.
    const line = `${command.map(word => `'${word}'`).join(' ')}; echo "code=$?"; stty -a`
    this.child = terminal
      ? spawn('script', ['-qefc', line, '/dev/null'], { env: lab.env, stdio: 'pipe' })
      : spawn(command[0]!, command.slice(1), { env: lab.env, stdio: 'pipe' })
    this.child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.child.stdin!.on('error', () => undefined)
    this.ended = new Promise(resolve => this.child.once('close', code => resolve(code)))
  }

  type(keys: string): void {
    this.child.stdin!.write(keys)
  }

  /** Types the last of it and ends the input. */
  pipe(text: string): void {
    this.child.stdin!.end(text)
  }

  /** Waits for something shown or said. */
  async until(pattern: RegExp, limitMs = 30_000): Promise<void> {
    try {
      await eventually(String(pattern), () => pattern.test(this.stdout + this.stderr), limitMs)
    } catch (cause) {
      const seen = JSON.stringify({ out: this.stdout.slice(-2000), err: this.stderr })
      throw new Error(`${pattern} is not in ${seen}`, { cause })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}
