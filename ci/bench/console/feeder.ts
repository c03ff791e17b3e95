import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const SOURCE = join(import.meta.dirname, 'feeder.c')

/** The far end of consoles, at work: see feeder.c. */
export interface Feeder extends AsyncDisposable {
  readonly ttys: readonly string[]
  /** Begins to speak; resolves with the instant, in ns of the monotonic clock. */
  start(): bigint
  /** Resolves with its last words: `dropped <bytes>`, or `said`. */
  readonly said: Promise<string>
}

/** Compiles the feeder into a folder. Undefined: there is no compiler here. */
export function compileFeeder(folder: string): string | undefined {
  const program = join(folder, 'feeder')
  const { status, error, stderr } = spawnSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-o', program, SOURCE], {
    encoding: 'utf8',
  })
  if (error) return undefined
  if (status !== 0) throw new Error(stderr)
  return program
}

/** Starts a feeder; its consoles are there when it resolves. */
export async function startFeeder(program: string, args: readonly string[], consoles = 1): Promise<Feeder> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let out = ''
  const said = Promise.withResolvers<string>()
  const ready = Promise.withResolvers<string[]>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    const lines = out.split('\n').slice(0, -1)
    if (lines.length >= consoles) ready.resolve(lines.slice(0, consoles))
    if (lines.length > consoles) said.resolve(lines.at(-1)!)
  })
  child.once('exit', code => ready.reject(new Error(`the feeder ended with ${code}`)))
  const ttys = await ready.promise
  return {
    ttys,
    said: said.promise,
    start: () => {
      const now = process.hrtime.bigint()
      child.stdin.write('go\n')
      return now
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      child.kill('SIGKILL')
      await ended
    },
  }
}
