import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { asFault, Fault } from '../../base/fault.ts'
import { shortPath } from '../../base/paths.ts'
import { humanSize } from '../../base/text.ts'
import { loadBench, type Board } from '../../bench/load.ts'
import { isUrl, shownUrl } from '../../image/http.ts'
import { loadTrustedKeys, type TrustedKey } from '../../image/trust.ts'
import type { TrustedKeySpec } from '../../model/trust.ts'
import { lineOf } from '../../model/bench-file.ts'
import { holderOf } from '../../bench/lock.ts'
import { missingFor } from '../../run/plan.ts'
import { ROOT } from '../../run/catalog.ts'

interface Check {
  readonly what: string
  readonly ok: boolean
  readonly seen: string
  readonly next?: string
}

const ROOM_BYTES = 2 << 30

/** `hil doctor`: every check, each with what was seen and what to do. Exits 2 when one fails. */
export async function doctor(options: { bench: string; json?: boolean }): Promise<void> {
  const bench = await loadBench(options.bench)
  const checks = [
    host(),
    room(),
    ...bench.trust.map(trustCheck),
    ...(await Promise.all(bench.boards.map(boardChecks))).flat(),
  ]
  if (options.json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`)
  else
    for (const { what, ok, seen, next } of checks)
      process.stdout.write(
        `${ok ? '✓' : '✗'} ${what}: ${seen}\n${ok || next === undefined ? '' : `    next: ${next}\n`}`,
      )
  const failed = checks.filter(check => !check.ok)
  if (failed.length > 0)
    throw new Fault('configuration/missing-tool', {
      expected: `bench ${bench.name} to be ready`,
      seen: `${failed.length} of ${checks.length} checks failed`,
      next: 'do what stands below each ✗',
    })
}

function host(): Check {
  return {
    what: 'Node.js',
    ok: Number(process.versions.node.split('.')[0]) >= 24,
    seen: process.version,
    next: 'run ci/setup',
  }
}

function room(): Check {
  const { bavail, bsize } = statfsSync(ROOT)
  const free = bavail * bsize
  return {
    what: 'room for recordings',
    ok: free >= ROOM_BYTES,
    seen: `${humanSize(free)} free`,
    next: 'free some space',
  }
}

function trustCheck(spec: TrustedKeySpec): Check {
  const what = `trusted key ${shortPath(spec.key)}`
  try {
    const [{ fingerprint }] = loadTrustedKeys([spec]) as [TrustedKey]
    const lines = spec.lines.map(({ line }) => line).join(', ')
    return { what, ok: true, seen: `${fingerprint}${lines === '' ? '' : `, may prove ${lines}`}` }
  } catch (error) {
    return { what, ok: false, seen: asFault(error).seen, next: 'correct trust in the bench file' }
  }
}

async function boardChecks(board: Board): Promise<Check[]> {
  const missing = await missingFor(board)
  const holder = await holderOf(board.bench, board.name)
  const checks: Check[] = [
    {
      what: `${board.name} programs`,
      ok: missing === undefined,
      seen: missing ?? 'all there',
      next: 'install what is named',
    },
  ]
  for (const [variant, path] of Object.entries(board.spec.images))
    if (path !== undefined)
      checks.push({
        what: `${board.name} ${variant} image`,
        ok: isUrl(path) || existsSync(path),
        seen: isUrl(path) ? shownUrl(path) : path,
        next: 'run ci/setup, or correct images in the bench file',
      })
  // The consoles of virtual boards are plugged in when they are used.
  const tty = board.spec.console && lineOf(board.spec.console)
  if (tty?.startsWith('/') && !board.spec.twin) checks.push({ what: `${board.name} console`, ...readable(tty) })
  if (holder === null)
    checks.push({
      what: `${board.name} holder`,
      ok: false,
      seen: 'a process that does not answer',
      next: 'see whether it is stopped, or its host too busy',
    })
  if (holder) checks.push({ what: `${board.name} holder`, ok: true, seen: `held by ${holder.user}, pid ${holder.pid}` })
  return checks
}

function readable(path: string): Omit<Check, 'what'> {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return { ok: true, seen: path }
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES'
    return {
      ok: false,
      seen: `${path}: ${denied ? 'no permission' : 'not there'}`,
      next: denied
        ? 'add this user to the group of the port (dialout)'
        : 'plug the adapter in, or correct console.path (ls /dev/serial/by-id)',
    }
  }
}
