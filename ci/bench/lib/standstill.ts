import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

/** From when to when, in ns of the monotonic clock. */
export type Span = readonly [fromNs: number, toNs: number]

/** When this host stood still: one of its processors was somebody else's, however urgently a program here needed it. */
export interface Watch extends AsyncDisposable {
  /** All that ended since, in order, none of which meets another. */
  since(fromNs: number): Span[]
}

export const NOT_WATCHED = 'that takes root, and a C compiler: apt-get install gcc libc6-dev'
const SOURCE = join(import.meta.dirname, '../floor/standstill.c')
/** What comes less late is the host's usual way: a program in its kernel is let finish. */
const LATE_US = 1000
/** What the watcher ends with where it may not come before everybody. */
const MAY_NOT = 77

/** Watches every processor. Undefined: that cannot be had here, see `NOT_WATCHED`. */
export async function watchStandstills(): Promise<Watch | undefined> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'hb-still-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const program = join(folder, 'standstill')
  const compiler = process.env.CC ?? 'cc'
  const { status, error, stderr } = spawnSync(compiler, ['-O2', '-Wall', '-o', program, SOURCE], { encoding: 'utf8' })
  if (error) return undefined
  if (status !== 0) throw new Error(`${compiler}: ${stderr}`)
  const spans: Span[] = []
  for (let processor = 0; processor < availableParallelism(); processor++) {
    const child = spawn(program, [String(processor), String(LATE_US)], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    stack.defer(async () => {
      child.kill('SIGKILL')
      await ended
    })
    if (!(await isReady(child, span => spans.push(span)))) return undefined
  }
  const open = stack.move()
  return {
    since: fromNs => joined(spans.filter(([, toNs]) => toNs > fromNs)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** How much of a time is in any of some spans, in ms. */
export function overlapMs(spans: readonly Span[], [fromNs, toNs]: Span): number {
  let sumNs = 0
  for (const [from, to] of spans) sumNs += Math.max(0, Math.min(to, toNs) - Math.max(from, fromNs))
  return sumNs / 1e6
}

/** Spans that meet are one. */
export function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = []
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1)
    if (last && from <= last[1]) all[all.length - 1] = [last[0], Math.max(last[1], to)]
    else all.push([from, to])
  }
  return all
}

/** Resolves when it watches, to false where it may not. */
async function isReady(child: ChildProcess, onSpan: (span: Span) => void): Promise<boolean> {
  const ready = Promise.withResolvers<boolean>()
  let unread = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const lines = (unread + text).split('\n')
    unread = lines.pop()!
    for (const line of lines) {
      const [from, to] = line.split(' ').map(Number)
      if (to === undefined) ready.resolve(true)
      else onSpan([from!, to])
    }
  })
  child.once('exit', code => {
    if (code === MAY_NOT) ready.resolve(false)
    else ready.reject(new Error(`who watches whether this host stands still ended with ${code}`))
  })
  return await ready.promise
}
