import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { constants as osConstants } from 'node:os'
import { delimiter, join } from 'node:path'
import { z } from 'zod'
import { Fault } from './fault.ts'
import type { FaultCode } from './fault-codes.ts'
import { abortable, within } from './time.ts'

/** A command as bench files write it: words, or one line for `sh`. */
export const Command = z.union([z.string().min(1), z.array(z.string()).min(1)])
export type Command = string | readonly string[]

export interface ProgramOptions {
  readonly limitMs: number
  /** The fault of a program that takes longer. */
  readonly late: () => Fault
  readonly signal?: AbortSignal
  readonly env?: Readonly<Record<string, string>>
  /** Told what it says, on either output, as it is said. */
  readonly onOutput?: (chunk: Buffer) => void
}

export interface ProgramResult {
  /** As `sh` reports it: 127 no such program, 128 + n ended by signal n. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program of this host to its end and gives back what it said.
 *
 * Limits: the first MiB of each output is kept. At the limit or an abort its whole process group is killed. A daemon
 * it leaves behind may keep the pipes open; it is not waited for.
 */
export async function runProgram(command: Command, options: ProgramOptions): Promise<ProgramResult> {
  const [name, ...args] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command
  options.signal?.throwIfAborted()
  const child = spawn(name ?? '', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...options.env },
  })
  const stdout = collect(child.stdout)
  const stderr = collect(child.stderr)
  if (options.onOutput) for (const output of [child.stdout, child.stderr]) output.on('data', options.onOutput)
  const ended = exitOf(child)
  try {
    const exitCode = await within(
      options.limitMs,
      options.late,
      signal => abortable(ended.code, signal),
      options.signal,
    )
    await Promise.race([ended.closed, new Promise(resolve => setTimeout(resolve, PIPE_GRACE_MS).unref())])
    return { exitCode, stdout: stdout(), stderr: ended.startError() ?? stderr() }
  } finally {
    if (child.exitCode === null && child.signalCode === null) killGroup(child)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}

/** Runs a program that must succeed. Errors: a fault with `code`, quoting what it said, when it fails or takes too long. */
export async function mustRun(
  command: Command,
  options: { readonly code: FaultCode; readonly limitMs: number; readonly signal?: AbortSignal },
): Promise<ProgramResult> {
  const { code, limitMs } = options
  const words = typeof command === 'string' ? command : command.join(' ')
  const late = (): Fault =>
    new Fault(code, { expected: `'${words}' to end in ${limitMs} ms`, seen: 'it was still running and was killed' })
  const result = await runProgram(command, { ...options, late })
  if (result.exitCode === 0) return result
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-10)
  throw new Fault(code, { expected: `'${words}' to succeed`, seen: `exit code ${result.exitCode}`, evidence: said })
}

/** The path of a program, or undefined. `/usr/sbin` and `/sbin` count: normal users often lack them. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.map(folder => join(folder, name)).find(isExecutable)
}

const MAX_OUTPUT_BYTES = 1 << 20
/** How long output may trail the exit of a program: only a daemon it left behind makes it so long. */
const PIPE_GRACE_MS = 250

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) chunks.push(chunk.subarray(0, MAX_OUTPUT_BYTES - size))
    size += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}

function exitOf(child: ChildProcess): {
  code: Promise<number>
  closed: Promise<void>
  startError(): string | undefined
} {
  const code = Promise.withResolvers<number>()
  const closed = Promise.withResolvers<void>()
  let failure: string | undefined
  child.once('error', (error: NodeJS.ErrnoException) => {
    failure = error.message
    code.resolve(error.code === 'ENOENT' ? 127 : 126)
    closed.resolve()
  })
  child.once('exit', (status, signal) => code.resolve(status ?? 128 + signalNumber(signal)))
  child.once('close', () => closed.resolve())
  return { code: code.promise, closed: closed.promise, startError: () => failure }
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : (osConstants.signals[signal] ?? 0)
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It ended by itself in the meantime.
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
