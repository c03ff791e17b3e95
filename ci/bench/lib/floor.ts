import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Lab } from './lab.ts'

/** What a script saw on a console: instants in ms since the epoch, round trips in ms. */
export interface Seen {
  readonly at: Readonly<Record<string, number>>
  readonly trips: readonly number[]
}

/** A script at work on a console. */
export interface Script {
  /** It has the console open, and flushed what stood there before. */
  readonly ready: Promise<void>
  readonly ended: Promise<Seen>
}

const SOURCE = join(import.meta.dirname, '../floor/reader.c')
const PEXPECT = join(import.meta.dirname, '../floor/pexpect_login.py')

/** Compiles the floor's reader into a lab's folder. Undefined: there is no compiler here. */
export function compileReader(lab: Lab): string | undefined {
  const program = join(lab.folder, 'reader')
  const compiler = process.env.CC ?? 'cc'
  const { status, error, stderr } = spawnSync(compiler, ['-O2', '-Wall', '-o', program, SOURCE], { encoding: 'utf8' })
  if (error) return undefined
  if (status !== 0) throw new Error(`${compiler}: ${stderr}`)
  return program
}

export const NO_COMPILER = 'its floor is a C program, and there is no cc here: apt-get install gcc libc6-dev'

/** A Python that has pexpect, as its command line; undefined: none here. */
export function pexpectScript(): string[] | undefined {
  const python = ['python3', '/usr/bin/python3'].find(
    name => spawnSync(name, ['-c', 'import pexpect'], { stdio: 'ignore' }).status === 0,
  )
  return python === undefined ? undefined : [python, PEXPECT]
}

export const NO_PEXPECT = 'pexpect is not installed: apt-get install python3-pexpect'

/** Starts a script that prints a line for everything it sees. */
export function startScript(argv: readonly string[]): Script {
  const [program, ...args] = argv
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Seen>()
  ended.promise.catch(() => {})
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    out += String(chunk)
    if (out.includes('ready')) ready.resolve()
  })
  child.stderr.on('data', chunk => (err += String(chunk)))
  child.once('close', code => {
    const failure = new Error(`${argv.join(' ')} ended with ${code}\n${err}`)
    ready.reject(failure)
    if (code === 0) ended.resolve(parse(out))
    else ended.reject(failure)
  })
  child.once('error', ended.reject)
  return { ready: ready.promise, ended: ended.promise }
}

function parse(text: string): Seen {
  const entries = text
    .trimEnd()
    .split('\n')
    .map(line => line.split(' ') as [string, string])
  const instants = entries.filter(([what]) => what !== 'trip').map(([what, ms]) => [what, Number(ms)] as const)
  return {
    at: Object.fromEntries(instants),
    trips: entries.filter(([what]) => what === 'trip').map(([, ms]) => Number(ms)),
  }
}
