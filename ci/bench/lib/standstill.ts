import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

/** From when to when, in ns of the monotonic clock. */
export type Span = readonly [fromNs: number, toNs: number]

/** When this host stood still: all of its processors at once were somebody else's, however urgently a program here needed one. */
export interface Watch extends AsyncDisposable {
  /** All so far, in order. Errors: a watcher that ended. */
  spans(): readonly Span[]
}

export const NOT_WATCHED = 'that takes root, and a C compiler: apt-get install gcc libc6-dev'
const SOURCE = join(import.meta.dirname, '../floor/standstill.c')
/** What comes less late is the host's usual way: a program in its kernel is let finish. */
const LATE_US = 1000
/** What the watcher ends with where it may not come before everybody. */
const MAY_NOT = 77

/**
 * Watches every processor. One alone that is not to be had counts for nothing: a program's own call of the system may keep it, and that
 * would be what is measured. Undefined: that cannot be had here, see `NOT_WATCHED`.
 */
export async function watchStandstills(): Promise<Watch | undefined> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hb-still-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'standstill')
  const compiler = process.env.CC ?? 'cc'
  const { status, error, stderr } = spawnSync(compiler, ['-O2', '-Wall', '-o', program, SOURCE], { encoding: 'utf8' })
  if (error) return undefined
  if (status !== 0) throw new Error(`${compiler}: ${stderr}`)
  const watchers = Array.from({ length: availableParallelism() }, (_, processor) =>
    stack.use(new Watcher(program, processor)),
  )
  const ready = await Promise.all(watchers.map(watcher => watcher.ready))
  if (ready.includes(false)) return undefined
  const open = stack.move()
  return {
    spans: () => watchers.map(watcher => watcher.spans()).reduce(commonOf),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** How much of a time is in any of some spans, in ms. */
export function overlapMs(spans: readonly Span[], [fromNs, toNs]: Span): number {
  let sumNs = 0
  for (const [from, to] of spans) sumNs += Math.max(0, Math.min(to, toNs) - Math.max(from, fromNs))
  return sumNs / 1e6
}

/** The times that are in both; each in order, and none of one meets another of it. */
export function commonOf(some: readonly Span[], others: readonly Span[]): readonly Span[] {
  const common: Span[] = []
  for (let a = 0, b = 0; a < some.length && b < others.length;) {
    const [from, to] = some[a]!
    const [otherFrom, otherTo] = others[b]!
    if (Math.max(from, otherFrom) < Math.min(to, otherTo))
      common.push([Math.max(from, otherFrom), Math.min(to, otherTo)])
    if (to < otherTo) a++
    else b++
  }
  return common
}

/** On one processor. */
class Watcher implements AsyncDisposable {
  /** To false where it may not watch. */
  readonly ready: Promise<boolean>
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #spans: Span[] = []
  #failure: Error | undefined

  constructor(program: string, processor: number) {
    const ready = Promise.withResolvers<boolean>()
    this.ready = ready.promise
    this.#child = spawn(program, [String(processor), String(LATE_US)], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#ended = once(this.#child, 'exit').catch(ready.reject)
    let unread = ''
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (unread + text).split('\n')
      unread = lines.pop()!
      for (const line of lines) {
        const [from, to] = line.split(' ').map(Number)
        if (to === undefined) ready.resolve(true)
        else this.#spans.push([from!, to])
      }
    })
    this.#child.once('exit', code => {
      this.#failure = new Error(`who watches whether this host stands still ended with ${code}`)
      if (code === MAY_NOT) ready.resolve(false)
      else ready.reject(this.#failure)
    })
  }

  spans(): readonly Span[] {
    if (this.#failure) throw this.#failure
    return this.#spans
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
