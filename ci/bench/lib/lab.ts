import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout that is measured. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** A bench of virtual boards that no other run on this host meets: own folder, own locks, own ports. */
export class Lab implements AsyncDisposable {
  readonly folder: string
  readonly reportDir: string
  readonly name: string
  readonly #stateDir: string

  constructor() {
    // Short: sockets live in there, and their paths may have 107 bytes.
    this.folder = mkdtempSync(join(tmpdir(), 'hb-'))
    this.name = 'b'
    this.#stateDir = join(this.folder, 's')
    this.reportDir = join(this.folder, 'runs')
    // In our own environment, because parts of the program are measured inside this process too.
    process.env.HIL_STATE_DIR = this.#stateDir
    process.env.HIL_LOCK_SPACE = basename(this.folder)
  }

  get benchFile(): string {
    return join(this.folder, 'bench.yaml')
  }

  /** Writes the bench file; JSON is YAML. */
  wire(boards: Record<string, unknown>): void {
    writeFileSync(this.benchFile, JSON.stringify({ name: this.name, boards }, null, 2))
  }

  /** Where a board keeps its state. */
  boardDir(board: string): string {
    return join(this.#stateDir, this.name, board)
  }

  /** The end of a board's console that a reader opens. */
  tty(board: string): string {
    return join(this.boardDir(board), 'ttyACM0')
  }

  /** Ends whatever was started here, at whatever depth, and removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of this.#processes()) kill(pid)
    while (this.#processes().length > 0) await pause(20)
    rmSync(this.folder, { recursive: true, force: true })
    delete process.env.HIL_STATE_DIR
    delete process.env.HIL_LOCK_SPACE
  }

  /** Detached processes too, which no parent knows any more: all that inherited this lab's environment. */
  #processes(): number[] {
    return pids().filter(
      pid => pid !== process.pid && readProc(pid, 'environ').split('\0').includes(`HIL_STATE_DIR=${this.#stateDir}`),
    )
  }
}

/** A port of this host that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** A file of a process; empty when the process is gone. */
export function readProc(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

/** Kills one process; that it ended meanwhile is no error. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits some ms. */
export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
}
